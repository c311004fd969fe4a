import type { UsageRecord } from '@millrace/adapters/postgres';
import { usageOfRequest, type UsageOfChoice } from '@millrace/domain/metering';
import type { JournalEntry } from './journal-entry.js';
import type { OrphanReport } from './orphan-report.js';

/** Whether runners have told how every choice of the request has ended. */
export function isFullyReported(entry: JournalEntry, reports: readonly OrphanReport[]): boolean {
  return entry.jobIds.every((jobId) => reportOf(entry, jobId, reports) !== undefined);
}

/**
 * The row of a request whose process has died. What a runner has told is exact. Without a word of it, a choice that was
 * begun has read the prompt as it was estimated and generated what was noted last; one that was not has used nothing.
 */
export function adoptedRow(entry: JournalEntry, reports: readonly OrphanReport[]): UsageRecord {
  const { requestId, jobIds, tenantId, keyId, agentId, model, deploymentId } = entry;
  const usage = usageOfRequest(jobIds.map((jobId) => usageOfChoice(entry, jobId, reports)));
  return {
    ...{ requestId, jobId: jobIds[0] ?? '', tenantId, keyId },
    ...(agentId !== undefined && { agentId }),
    ...{ model, deploymentId },
    ...usage,
    finishedAtMs: entry.acceptedAtMs + usage.totalMs,
  };
}

function usageOfChoice(entry: JournalEntry, jobId: string, reports: readonly OrphanReport[]): UsageOfChoice {
  const { acceptedAtMs, notedAtMs, promptTokensEstimate } = entry;
  const progress = entry.progress[jobId];
  const report = reportOf(entry, jobId, reports);
  const wasBegun = progress !== undefined || report !== undefined;
  const delivered = progress?.completionTokens ?? 0;
  return {
    outcome: report?.finished === true ? 'completed' : 'failed',
    promptTokens: report?.usage?.promptTokens ?? (wasBegun ? promptTokensEstimate : 0),
    cachedTokens: report?.usage?.cachedTokens ?? 0,
    completionTokens: Math.max(report?.usage?.completionTokens ?? 0, delivered),
    // The text was with the process that has died.
    reasoningTokens: 0,
    attempts: report?.attempt ?? progress?.attempt ?? 1,
    queueMs: Math.max(0, (progress?.startedAtMs ?? acceptedAtMs) - acceptedAtMs),
    totalMs: Math.max(0, (report?.heardAtMs ?? notedAtMs) - acceptedAtMs),
  };
}

/** Of the newest attempt; an attempt that the owner had given up tells nothing of the one behind it. */
function reportOf(entry: JournalEntry, jobId: string, reports: readonly OrphanReport[]): OrphanReport | undefined {
  const atLeast = entry.progress[jobId]?.attempt ?? 1;
  return reports
    .filter((report) => report.jobId === jobId && report.attempt >= atLeast)
    .reduce<OrphanReport | undefined>((newest, report) => {
      return newest === undefined || report.attempt > newest.attempt ? report : newest;
    }, undefined);
}
