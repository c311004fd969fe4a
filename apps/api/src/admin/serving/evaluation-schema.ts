import { z } from 'zod';
import { wishToPlaceSchema } from './deployments-schema.js';
import { estimateSchema } from './plan-schema.js';

const bytes = z.number().min(0);
const fitsField = z
  .enum(['now', 'when_empty', 'never', 'unknown'])
  .describe(
    '`now`: beside what is there. `when_empty`: once others have gone. `unknown`: nobody knows yet how much it takes.',
  );

/** Body of POST /admin/v1/models/{modelId}/evaluate. */
export const evaluateSchema = wishToPlaceSchema.meta({ id: 'EvaluationQuestion' });

const footprintSchema = z
  .object({
    deviceType: z.string(),
    deviceCount: z.int().describe('Devices of its group; the bytes are those of each.'),
    basis: z.string().nullable().describe('What the bytes rest on; null when the dry run failed.'),
    weightsBytes: bytes,
    kvBytes: bytes,
    computeBytes: bytes,
    overheadBytes: bytes.describe('The engine process itself.'),
    needBytes: bytes.describe('What is set aside, with its margin.'),
    contextLength: z.int(),
    slots: z.int(),
    failure: z.string().nullable().describe('Why the dry run failed.'),
  })
  .meta({ id: 'DeviceFootprint' });

const deviceSchema = z
  .object({
    runnerId: z.string(),
    runner: z.string().describe('Name of the runner.'),
    deviceKey: z.string(),
    deviceType: z.string(),
    totalBytes: bytes,
    freeBytes: bytes.describe('As measured, whoever uses the rest.'),
    fits: fitsField,
    needBytes: bytes.optional(),
    reason: z.string().optional().describe('Why not now: one word for programs.'),
    message: z.string().optional().describe('Why not now.'),
    numbers: z.record(z.string(), z.unknown()).optional(),
  })
  .meta({ id: 'DeviceVerdict' });

/** Where a replica of a model could stand, as it goes over HTTP. */
export const evaluationSchema = z
  .object({
    modelId: z.string(),
    model: z.string(),
    at: z.iso.datetime().describe('The instant of the observation.'),
    fits: fitsField,
    message: z.string(),
    footprints: z.array(footprintSchema).describe('What is known, by type and number of devices.'),
    devices: z.array(deviceSchema),
    unnamedDevices: z.int().describe('Devices of a large fleet that are not named.'),
    estimate: z.array(estimateSchema).describe('Who would be asked for what is not known.'),
  })
  .meta({ id: 'Evaluation', description: 'Where a replica of a model could stand, and why not elsewhere.' });

export type EvaluationOnWire = z.infer<typeof evaluationSchema>;
