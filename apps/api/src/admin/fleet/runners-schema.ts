import { z } from 'zod';
import { nameField, resourceFields } from '../fields.js';
import { listQuerySchema } from '../list-query.js';

const adminStateField = z
  .enum(['active', 'cordoned', 'draining', 'maintenance'])
  .describe('What operators want of it: `cordoned` takes no new replicas, the others but `active` give up theirs too.');

/** How far a wish has come. */
export const statusSchema = z
  .object({
    phase: z.string().describe('In one word.'),
    reason: z.string().describe('Why, in one word.'),
    message: z.string().describe('Why, in one sentence.'),
    observedGeneration: z.int().describe('The newest generation that whoever carries it out has seen.'),
  })
  .meta({ id: 'Status' });

export type Status = z.infer<typeof statusSchema>;

/** A runner as it goes over HTTP. */
export const runnerSchema = z
  .object({
    ...resourceFields('run'),
    name: z.string(),
    labels: z.record(z.string(), z.string()).describe('Its own, and those that operators have set before them.'),
    adminState: adminStateField,
    health: z
      .enum(['alive', 'suspect', 'lost'])
      .describe('By its heartbeats: suspect after 15 s without one, lost after 30 s.'),
    engines: z.array(z.string()),
    softwareVersion: z.string().nullable(),
    lastHeartbeatAt: z.iso.datetime().nullable(),
    devices: z.int().describe('How many it has.'),
    replicas: z.int().describe('How many it is to host.'),
    generation: z.int().describe('Grows with each change of what it is to host.'),
    status: statusSchema,
  })
  .meta({ id: 'Runner', description: 'The process on a GPU node that hosts replicas.' });

export type RunnerOnWire = z.infer<typeof runnerSchema>;

const MOST_LABELS = 100;
const labelName = z.string().regex(/^[\w./-]{1,100}$/, 'Expected 1 to 100 letters, digits and _ . / -');
const labelValue = z.string().regex(/^[^\p{Cc}\p{Cs},=]{0,100}$/u, 'Expected at most 100 characters without , and =');

/** Body of PATCH /admin/v1/runners/{runnerId}, a JSON merge patch. */
export const changeRunnerSchema = z
  .strictObject({
    labels: z
      .record(labelName, labelValue.nullable())
      .refine((labels) => Object.keys(labels).length <= MOST_LABELS, `Expected at most ${String(MOST_LABELS)} labels`)
      .nullable()
      .optional()
      .describe('Labels to set; null takes one back, or all, so that what the runner itself says counts again.'),
  })
  .meta({ id: 'RunnerChange' });

export const runnerListQuery = listQuerySchema.extend({
  name: nameField.optional().describe('Only the runner of this name.'),
  adminState: adminStateField.optional(),
});
