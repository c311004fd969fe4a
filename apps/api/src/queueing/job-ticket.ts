import type { Ticket } from '@millrace/contracts/job-contract';
import type { OwnedJob } from './owned-job.js';

/** The ticket of a job's current attempt; `owner` is the boot id of this process. */
export function ticketOf(job: OwnedJob, owner: string): Ticket {
  const { jobId, tenantId, deploymentId, promptTokensEstimate, answerTokensEstimate } = job.spec;
  const tokens = promptTokensEstimate + answerTokensEstimate;
  return {
    jobId,
    attempt: job.state.attempt,
    tenantId,
    deploymentId,
    owner,
    costTokens: tokens,
    contextTokens: tokens,
    prefixHashes: [],
  };
}
