import { z } from 'zod';
import { createDeploymentSchema } from './deployments-schema.js';

const bytes = z.number().min(0);
const numbersField = z.record(z.string(), z.unknown()).describe('What the decision rested on.');

/** A device, and the runner that it belongs to. */
const placeShape = {
  runnerId: z.string(),
  runner: z.string().describe('Name of the runner.'),
  deviceKey: z.string(),
};

const forDeployment = {
  deploymentId: z.string().nullable().describe('Null for the wish that was asked about, where it is not deployed.'),
  model: z.string().nullable().describe('Name of the model; null when it is gone.'),
};

/** Why a device does not take a replica. */
export const rejectionSchema = z
  .object({ ...placeShape, reason: z.string(), message: z.string(), numbers: numbersField })
  .meta({ id: 'Rejection' });

const shareShape = { needBytes: bytes, freeBytes: bytes.describe('Before it.') };

const startSchema = z
  .object({
    ...forDeployment,
    ...placeShape,
    ...shareShape,
    reason: z.string().describe('Which part of the wish it is for.'),
    layout: z.string().describe('The rung of the ladder.'),
    basis: z.string().describe('What needBytes rests on.'),
    peers: z.array(z.object({ ...placeShape, ...shareShape })).describe('The other devices of its group.'),
    score: z.number().describe('0 to 1: the tighter the fit, the higher.'),
  })
  .meta({ id: 'PlannedStart' });

const stopShape = {
  replicaId: z.string(),
  ...forDeployment,
  ...placeShape,
  reason: z.string(),
  message: z.string(),
  eviction: z
    .object({
      forDeploymentId: z.string().nullable(),
      freesBytes: bytes,
      costSeconds: z.number(),
      waitingSeconds: z.number(),
    })
    .optional(),
};
const stopSchema = z.object(stopShape).meta({ id: 'PlannedStop' });
const drainSchema = z
  .object({ ...stopShape, inFlight: z.int(), deadlineAt: z.iso.datetime() })
  .meta({ id: 'PlannedDrain' });

const explanationShape = {
  ...forDeployment,
  reason: z.string().describe('Of the device that is closest to taking a replica.'),
  message: z.string(),
  needBytes: bytes.optional(),
  bestFreeBytes: bytes.optional(),
  rejected: z.array(rejectionSchema),
  unnamedDevices: z.int().describe('Devices of a large fleet that are not named.'),
};
const passedOverSchema = z.object(explanationShape).meta({ id: 'PassedOver' });
const unplacedSchema = z
  .object({ ...explanationShape, missing: z.int(), part: z.string().describe('Which part of the wish is not met.') })
  .meta({ id: 'Unplaced' });

/** A dry run that has to come first. */
export const estimateSchema = z
  .object({
    model: z.string(),
    deviceType: z.string(),
    deviceCount: z.int(),
    runnerId: z.string(),
    runner: z.string().describe('Name of the runner that is asked.'),
  })
  .meta({ id: 'WantedEstimate' });

/** Body of POST /admin/v1/scheduler/plan. */
export const planQuestionSchema = z
  .strictObject({
    deployment: createDeploymentSchema
      .optional()
      .describe('A wish to add, or to put in the place of what its model has.'),
  })
  .meta({ id: 'PlanQuestion' });

/** What the scheduler would do at this moment. */
export const planSchema = z
  .object({
    at: z.iso.datetime().describe('The instant of the observation.'),
    paused: z.boolean().describe('Whether the scheduler is paused: then nothing of it happens.'),
    start: z.array(startSchema),
    stop: z.array(stopSchema),
    drain: z.array(drainSchema),
    unplaced: z.array(unplacedSchema),
    passedOver: z.array(passedOverSchema),
    estimate: z.array(estimateSchema).describe('Footprints that nobody knows yet.'),
  })
  .meta({ id: 'Plan', description: 'What the scheduler would do at this moment. Nothing is done.' });

export type PlanOnWire = z.infer<typeof planSchema>;
