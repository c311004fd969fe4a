/** The answer to a caller who wants a place. A new reason does not compile until every mapper names it. */
export type Admission = { outcome: 'admitted' } | { outcome: 'rejected'; reason: 'queue_full'; retryAfterMs: number };

/** How long callers are asked to stay away when this process holds all the jobs it may. */
const QUEUE_FULL_RETRY_AFTER_MS = 1_000;

/** Whether the jobs of one more call may be held; all numbers count jobs of this API process. */
export function admit(jobs: { openJobs: number; newJobs: number; maxOpenJobs: number }): Admission {
  if (jobs.openJobs + jobs.newJobs <= jobs.maxOpenJobs) return { outcome: 'admitted' };
  return { outcome: 'rejected', reason: 'queue_full', retryAfterMs: QUEUE_FULL_RETRY_AFTER_MS };
}
