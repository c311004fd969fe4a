import type { UsageRecord } from '@millrace/adapters/postgres';
import type { ChatCall } from '../completions/complete-chat-port.js';
import type { JobEnd, OwnedJob } from '../queueing/owned-job.js';

/** The one row that a job leaves behind, however it ended. */
export function usageRecord(call: ChatCall, job: OwnedJob, end: JobEnd): UsageRecord {
  const { firstTokenMs } = end;
  return {
    jobId: job.spec.jobId,
    requestId: call.requestId,
    tenantId: call.principal.tenantId,
    keyId: call.principal.keyId,
    model: call.deployment.name,
    deploymentId: call.deployment.deploymentId,
    ...end.usage,
    reasoningTokens: job.reasoningTokens,
    queueMs: end.queueMs,
    ...(firstTokenMs !== undefined && { firstTokenMs }),
    totalMs: end.totalMs,
    attempts: end.attempts,
    outcome: end.outcome.kind,
    finishedAtMs: job.acceptedAtMs + end.totalMs,
  };
}

/** The end of a job whose prompt another job of the same call has paid for. */
export function withoutPrompt(end: JobEnd): JobEnd {
  return { ...end, usage: { ...end.usage, promptTokens: 0, cachedTokens: 0 } };
}
