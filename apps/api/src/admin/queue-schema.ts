import { z } from 'zod';

const count = z.int().min(0);

const jobCountsSchema = z
  .object({
    waiting: count.describe('Jobs that wait for a replica.'),
    running: count.describe('Jobs that a replica works on.'),
  })
  .meta({ id: 'JobCounts' });

/** The queue of one deployment as it goes over HTTP. */
export const queueSchema = z
  .object({
    deploymentId: z.string(),
    model: z.string().describe('Name of the model that the deployment serves.'),
    ...jobCountsSchema.shape,
    oldestWaitMs: z.number().min(0).describe('0 when nothing waits.'),
    serviceRateTokensPerSecond: z.number().min(0).describe('Delivered by all replicas together, in the last 10 s.'),
    byTenant: z
      .record(z.string(), jobCountsSchema)
      .describe('The jobs of each tenant, by its id; tenants without jobs are left out.'),
    byBand: z.record(z.string(), jobCountsSchema).describe('The jobs of each band.'),
  })
  .meta({ id: 'Queue', description: 'The queue of one deployment at this moment.' });

export type Queue = z.infer<typeof queueSchema>;
