import type { UsageRecord } from '@millrace/adapters/postgres';
import { usageOfRequest, type UsageOfChoice } from '@millrace/domain/metering';
import type { ChatCall } from '../completions/complete-chat-port.js';
import type { JobEnd, OwnedJob } from '../queueing/owned-job.js';

/** A job and how it ended. */
export interface EndedJob {
  job: OwnedJob;
  end: JobEnd;
}

/** The one row that a call leaves behind, however it ended. Its choices are `ended`, at least one; `jobId` names it. */
export function usageRecord(call: ChatCall, jobId: string, ended: readonly EndedJob[]): UsageRecord {
  const { requestId, principal, deployment } = call;
  const { tenantId, keyId, agentId } = principal;
  const usage = usageOfRequest(ended.map(usageOfChoice));
  return {
    ...{ requestId, jobId, tenantId, keyId },
    ...(agentId !== undefined && { agentId }),
    model: deployment.name,
    deploymentId: deployment.deploymentId,
    ...usage,
    finishedAtMs: Math.max(...ended.map(({ job, end }) => job.acceptedAtMs + end.totalMs)),
  };
}

function usageOfChoice({ job, end }: EndedJob): UsageOfChoice {
  const { outcome, usage, attempts, queueMs, firstTokenMs, totalMs } = end;
  return {
    outcome: outcome.kind,
    ...usage,
    reasoningTokens: job.reasoningTokens,
    ...{ attempts, queueMs, totalMs },
    ...(firstTokenMs !== undefined && { firstTokenMs }),
  };
}
