import { z } from 'zod';
import { nameField } from '../fields.js';
import { listQuerySchema } from '../list-query.js';

const bytes = z.number().min(0);

/** A device as it goes over HTTP. */
export const deviceSchema = z
  .object({
    id: z.string().describe('The id of its runner, a slash, and its key there.'),
    runnerId: z.string(),
    runnerName: z.string(),
    deviceKey: z.string().describe('The UUID of a GPU, `cpu`, or what a file of simulated devices says.'),
    deviceType: z.string(),
    totalBytes: bytes,
    freeBytes: bytes.describe("By the device's own count."),
    reserveBytes: bytes.describe('Never given to replicas.'),
    reservedBytes: bytes.describe('In the ledger: what its replicas have and are to have.'),
    measuredBytes: bytes.describe(
      'Of the reserved bytes, those that were measured after a load; the rest is predicted.',
    ),
    unmanagedBytes: bytes.describe('In use by others than replicas.'),
    replicas: z.array(z.string()).describe('Ids of the replicas in its ledger.'),
    observedAt: z.iso.datetime(),
  })
  .meta({ id: 'Device', description: 'One GPU or partition, or the CPU with its memory.' });

export type DeviceOnWire = z.infer<typeof deviceSchema>;

export const deviceListQuery = listQuerySchema.extend({
  runnerId: nameField.optional().describe('Only devices of this runner.'),
  deviceType: nameField.optional().describe('Only devices of this type.'),
});
