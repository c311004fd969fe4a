import { z } from 'zod';
import { listQuerySchema } from '../list-query.js';

const word = z.string().regex(/^[\w.-]{1,100}$/, 'Expected an id or a word');
const numberId = z.string().regex(/^\d{1,18}$/, 'Expected the id of a decision');

const decisionActions = [
  ...(['start', 'refused', 'stop', 'drain', 'release', 'measure', 'unplaced', 'passed_over'] as const),
] as const;

/** A decision as it goes over HTTP. */
export const decisionSchema = z
  .object({
    id: z.string().describe('A number that grows.'),
    at: z.iso.datetime(),
    epoch: z.number().describe('Term of the scheduler that decided.'),
    action: z.string(),
    reason: z.string().describe('One word for programs.'),
    message: z.string().describe('One sentence for people.'),
    deploymentId: z.string().nullable(),
    model: z.string().nullable().describe('Name of the model of a deployment that is still there.'),
    replicaId: z.string().nullable(),
    numbers: z.record(z.string(), z.unknown()).describe('What it rested on.'),
  })
  .meta({ id: 'SchedulerDecision', description: 'What the scheduler has done or left undone, and why.' });

export type DecisionOnWire = z.infer<typeof decisionSchema>;

export const decisionListQuery = listQuerySchema.extend({
  after: numberId.optional().describe('Id of the last entry of the part before.'),
  deploymentId: word.optional().describe('Only decisions about this deployment.'),
  replicaId: word.optional().describe('Only decisions about this replica.'),
  runnerId: word.optional().describe('Only decisions about this runner.'),
  action: z.enum(decisionActions).optional().describe('Only decisions to do this.'),
  reason: word.optional().describe('Only decisions for this reason.'),
});

/** How scheduling goes, as it goes over HTTP. */
export const schedulerSchema = z
  .object({
    paused: z.boolean().describe('Whether it only observes and explains.'),
    epoch: z.number().describe('Term of the leader; 0 before the first one.'),
    hasLeader: z.boolean().describe('Whether a scheduler leads at this moment.'),
  })
  .meta({ id: 'Scheduler' });

export type SchedulerOnWire = z.infer<typeof schedulerSchema>;
