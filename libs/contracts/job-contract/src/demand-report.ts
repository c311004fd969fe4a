import { z } from 'zod';

/** The Redis channel on which API processes tell schedulers what waits with them. */
export const DEMAND_CHANNEL = 'mr:demand';

const amount = z.number().min(0);

const queueDemandPart = z.object({
  deploymentId: z.string(),
  waitingJobs: amount,
  /** Estimated tokens of prompt and answer of the jobs that wait. */
  waitingTokens: amount,
  oldestWaitMs: amount,
  arrivalsPerSecond: amount,
  /** Estimated tokens of prompt and answer of the jobs that arrive. */
  arrivalTokensPerSecond: amount,
  /** Answers that `slotTokensPerSecond` rests on. */
  answers: amount,
  /** Tokens of prompt and answer that one slot has served in a second; 0 while nothing is known. */
  slotTokensPerSecond: amount,
});

/** One API process's part of what each deployment has to serve; what it does not name, it does not wait for. */
export const demandReportSchema = z.object({
  /** Boot id of the API process. */
  owner: z.string(),
  queues: z.array(queueDemandPart),
});

export type DemandReport = z.infer<typeof demandReportSchema>;
export type QueueDemandPart = z.infer<typeof queueDemandPart>;
