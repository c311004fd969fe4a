import { z } from 'zod';
import { deploymentPhases } from '@millrace/domain/models';
import { modelNameField, resourceFields } from '../fields.js';
import { listQuerySchema } from '../list-query.js';

const MOST_REPLICAS = 1_000;
const MOST_DEVICES = 64;
const MOST_LABELS = 32;
const YEAR_S = 365 * 86_400;

const count = (least: number, most: number) => z.int().min(least).max(most);
const word = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'Expected one line');
const labelsOf = (value: z.ZodType) =>
  z
    .record(word, value)
    .refine((labels) => Object.keys(labels).length <= MOST_LABELS, `Expected at most ${String(MOST_LABELS)} labels`)
    .describe('The runner has all of these.');

const placementShape = {
  deviceCount: count(1, MOST_DEVICES).describe('Exactly so many devices for each replica.'),
  deviceType: word.describe('The only type of device, as runners report it.'),
  runner: word.describe('Name or id of the only runner.'),
  antiAffinity: z.enum(['runner', 'device']).describe('No two replicas on one runner, or on one device.'),
};

/** Where replicas may stand. What is left out does not matter. */
const placementSchema = z
  .strictObject({ labels: labelsOf(word) as z.ZodType<Record<string, string>>, ...placementShape })
  .partial()
  .meta({ id: 'Placement' });

const wishShape = {
  minReplicas: count(0, MOST_REPLICAS).describe('Replicas that are always kept; 0 loads on demand only.'),
  maxReplicas: count(1, MOST_REPLICAS).describe('Most replicas, however long the queue is.'),
  perRunner: z.boolean().describe('One replica on each runner that can hold it, within these bounds.'),
  contextLength: count(1, 10_000_000).describe("Tokens of each slot; null is the engine's choice."),
  slots: count(1, 100_000).describe("Answers that a replica serves at one time; null is the engine's choice."),
  keepAliveSeconds: count(1, YEAR_S).describe('A replica that is not needed stops after this; null is never.'),
  pinned: z.boolean().describe('Whether its replicas are never evicted for others.'),
  priority: count(-1_000, 1_000).describe('Its rank for memory; higher goes first.'),
};

/** What is left out is as nobody sets it. */
const draftShape = {
  minReplicas: wishShape.minReplicas.default(1),
  maxReplicas: wishShape.maxReplicas.optional(),
  perRunner: wishShape.perRunner.default(false),
  contextLength: wishShape.contextLength.nullable().default(null),
  slots: wishShape.slots.nullable().default(null),
  keepAliveSeconds: wishShape.keepAliveSeconds.nullable().default(null),
  pinned: wishShape.pinned.default(false),
  priority: wishShape.priority.default(0),
  placement: placementSchema.default({}),
};

/** A wish with all that belongs to it: what is asked for, or what a change has left. */
export const deploymentWishSchema = z.strictObject(draftShape).superRefine(requireBounds).transform(fillMost);

/** What of a wish decides where its replicas can stand. */
export const wishToPlaceSchema = z
  .strictObject({
    contextLength: wishShape.contextLength.nullable(),
    slots: wishShape.slots.nullable(),
    placement: placementSchema,
  })
  .partial();

/** Body of POST /admin/v1/deployments. */
export const createDeploymentSchema = z
  .strictObject({ model: modelNameField.describe('Name or id of the model.'), ...draftShape })
  .superRefine(requireBounds)
  .transform(fillMost)
  .meta({ id: 'DeploymentDraft' });

/** Body of PATCH /admin/v1/deployments/{deploymentId}, a JSON merge patch; the outcome is read as a whole wish. */
export const changeDeploymentSchema = z
  .strictObject({
    ...clearable(wishShape),
    placement: z
      .strictObject({ labels: labelsOf(word.nullable()).nullable().optional(), ...clearable(placementShape) })
      .nullable()
      .optional()
      .meta({ id: 'PlacementChange' }),
  })
  .meta({ id: 'DeploymentChange' });

const statusSchema = z
  .object({
    phase: z.enum(deploymentPhases),
    reason: z.string().describe('One word for programs.'),
    message: z.string().describe('One sentence for people.'),
    observedGeneration: z.int().describe('The newest `generation` that the scheduler has acted on.'),
  })
  .meta({ id: 'DeploymentStatus' });

const { contextLength, slots, keepAliveSeconds, ...always } = wishShape;

/** A deployment as it goes over HTTP. */
export const deploymentSchema = z
  .object({
    ...resourceFields('dep'),
    model: z.string().describe('Name of the model that it serves.'),
    modelId: z.string(),
    ...always,
    contextLength: contextLength.nullable(),
    slots: slots.nullable(),
    keepAliveSeconds: keepAliveSeconds.nullable(),
    placement: placementSchema,
    paused: z.boolean().describe('Whether it takes no calls and keeps no replica.'),
    generation: z.int().describe('Grows with each change of the wish or of its model.'),
    status: statusSchema,
  })
  .meta({ id: 'Deployment', description: 'The wish: serve this model with so many replicas and these limits.' });

export type DeploymentOnWire = z.infer<typeof deploymentSchema>;

export const deploymentListQuery = listQuerySchema.extend({
  model: modelNameField.optional().describe('Only the deployment of this model, by its name or id.'),
});

interface Bounds {
  minReplicas: number;
  maxReplicas?: number | undefined;
  perRunner: boolean;
}

function requireBounds({ minReplicas, maxReplicas }: Bounds, context: z.RefinementCtx): void {
  if (maxReplicas === undefined || minReplicas <= maxReplicas) return;
  const message = `Expected at most maxReplicas, which is ${String(maxReplicas)}`;
  context.addIssue({ code: 'custom', path: ['minReplicas'], message });
}

/** Without a bound there are as many as the minimum, one at least, or one on every runner. */
function fillMost<Wish extends Bounds>(wish: Wish): Wish & { maxReplicas: number } {
  const most = wish.perRunner ? MOST_REPLICAS : Math.max(1, wish.minReplicas);
  return { ...wish, maxReplicas: wish.maxReplicas ?? most };
}

/** In a merge patch each field can be left out, or cleared by null. */
function clearable(shape: Readonly<Record<string, z.ZodType>>): Record<string, z.ZodType> {
  return Object.fromEntries(Object.entries(shape).map(([name, field]) => [name, field.nullable().optional()]));
}
