import { FinishReason, type Orphaned } from '@millrace/contracts/runner-protocol';
import { z } from 'zod';

const orphanReportSchema = z.object({
  jobId: z.string(),
  attempt: z.number(),
  /** Whether the answer was generated to its own end. */
  finished: z.boolean(),
  /** Left out when the runner does not know. */
  usage: z.object({ promptTokens: z.number(), completionTokens: z.number(), cachedTokens: z.number() }).exactOptional(),
  heardAtMs: z.number(),
});

/** How an attempt has ended that its runner could not tell its owner. */
export type OrphanReport = z.infer<typeof orphanReportSchema>;

/** Throws for what is no report. */
export function readOrphanReport(text: string): OrphanReport {
  return orphanReportSchema.parse(JSON.parse(text));
}

/** What a runner says on its link, heard at `nowMs`. */
export function orphanReport({ jobId, attempt, finishReason, usage }: Orphaned, nowMs: number): OrphanReport {
  const finished =
    finishReason === FinishReason.FINISH_REASON_STOP || finishReason === FinishReason.FINISH_REASON_LENGTH;
  return { jobId, attempt, finished, ...(usage !== undefined && { usage }), heardAtMs: nowMs };
}
