import type { OwnerEvent } from '@millrace/contracts/runner-protocol';
import { CREDIT_TOKENS } from './caller-pace.js';
import type { OwnedJob } from './owned-job.js';

/** Grants an attempt of a job: everything its runner needs, and what earlier attempts have delivered. */
export function assignMessage(
  { spec, acceptedAtMs, deliveredTokenIds, deliveredBytes }: OwnedJob,
  { attempt, nowMs }: { attempt: number; nowMs: number },
): NonNullable<OwnerEvent['event']> {
  const { jobId, payload, totalDeadlineMs } = spec;
  return {
    $case: 'assign',
    value: {
      jobId,
      attempt,
      // A copy: the message is serialised later, the original grows.
      payload: { ...payload, deliveredTokenIds: [...deliveredTokenIds], deliveredBytes },
      totalDeadlineMs: Math.max(1, acceptedAtMs + totalDeadlineMs - nowMs),
      creditTokens: CREDIT_TOKENS,
    },
  };
}
