import { z } from 'zod';
import { modelNameField, nameField } from '../fields.js';
import { listQuerySchema } from '../list-query.js';

const stateField = z.enum(['queued', 'running', 'cancelling']);

/** A job as it goes over HTTP. */
export const jobSchema = z
  .object({
    id: z.string(),
    tenantId: z.string(),
    deploymentId: z.string(),
    model: z.string().nullable().describe('Name of the model; null when its deployment is gone.'),
    state: stateField.describe('`cancelling` until its runner has said what it used.'),
    attempt: z.int().describe('1 is the first.'),
    runnerId: z.string().nullable().describe('Who works on it.'),
    promptTokensEstimate: z.number(),
    deliveredTokens: z.int().describe('Tokens of the answer so far.'),
    createdAt: z.iso.datetime(),
    startedAt: z.iso.datetime().nullable().describe('When a replica first took it.'),
  })
  .meta({ id: 'Job', description: 'An admitted request that waits or runs, in ids and numbers only.' });

export type JobOnWire = z.infer<typeof jobSchema>;

export const jobListQuery = listQuerySchema.extend({
  state: stateField.optional(),
  tenantId: nameField.optional().describe('Only jobs of this tenant.'),
  deploymentId: nameField.optional().describe('Only jobs of this deployment.'),
  model: modelNameField.optional().describe('Only jobs for the model of this name.'),
});
