import { z } from 'zod';
import { modelNameField, nameField } from '../fields.js';
import { listQuerySchema } from '../list-query.js';
import { statusSchema } from './runners-schema.js';

const stateField = z.enum(['assigned', 'loading', 'ready', 'draining', 'stopping', 'stopped', 'failed']);
const bytes = z.number().min(0);

/** A replica as it goes over HTTP. */
export const replicaSchema = z
  .object({
    id: z.string().describe('Begins with rep_.'),
    deploymentId: z.string().nullable(),
    model: z.string().nullable().describe('Name of the model; null when its deployment is gone.'),
    runnerId: z.string(),
    runnerName: z.string(),
    deviceKeys: z.array(z.string()).describe('The devices that it lies on; empty once it is assigned no more.'),
    state: stateField.describe(
      '`assigned` until its runner has begun, `draining` while it finishes what it serves, `stopping` once it is assigned no more.',
    ),
    slots: z.int().describe('Attempts that it can serve at once; 0 until it is loaded.'),
    contextLength: z.int().describe('Tokens of one slot; 0 until it is loaded.'),
    inFlight: z.int().describe('Attempts that it serves now.'),
    reservedBytes: bytes.describe('In the ledger, on all its devices.'),
    measuredBytes: bytes.describe('As its runner has measured; 0 until then.'),
    progress: z.number().min(0).max(1).describe('Of its load.'),
    drainReason: z.string().nullable().describe('Why it drains.'),
    drainingSince: z.iso.datetime().nullable(),
    readySince: z.iso.datetime().nullable(),
    lastUsedAt: z.iso.datetime().nullable(),
    createdAt: z.iso.datetime().nullable().describe('When it was assigned; null once it is assigned no more.'),
    generation: z.int().describe('Of the assignments of its runner, the one that it came with.'),
    status: statusSchema,
  })
  .meta({ id: 'Replica', description: 'One loaded copy of a model: one engine process on one or more devices.' });

export type ReplicaOnWire = z.infer<typeof replicaSchema>;

export const replicaListQuery = listQuerySchema.extend({
  deploymentId: nameField.optional().describe('Only replicas of this deployment.'),
  runnerId: nameField.optional().describe('Only replicas on this runner.'),
  model: modelNameField.optional().describe('Only replicas of the model of this name.'),
  state: stateField.optional(),
});
