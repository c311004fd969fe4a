import { z } from 'zod';
import type { ChatCall } from '../completions/complete-chat-port.js';
import type { OwnedJob } from '../queueing/owned-job.js';

const journalEntrySchema = z.object({
  requestId: z.string(),
  /** One for each choice, in their order. */
  jobIds: z.array(z.string()).min(1),
  tenantId: z.string(),
  keyId: z.string(),
  agentId: z.string().exactOptional(),
  model: z.string(),
  deploymentId: z.string(),
  acceptedAtMs: z.number(),
  promptTokensEstimate: z.number(),
  /** How far the jobs that a runner has begun had come, by job id, when the entry was last written. */
  progress: z.record(
    z.string(),
    z.object({ attempt: z.number(), startedAtMs: z.number(), completionTokens: z.number() }),
  ),
  notedAtMs: z.number(),
});

/**
 * What another process needs to write the usage row of a request when its own process has died. Ids and numbers only,
 * never text.
 */
export type JournalEntry = z.infer<typeof journalEntrySchema>;

/** The entry of a request as it is now. */
export function journalEntry(call: ChatCall, jobs: readonly OwnedJob[], nowMs: number): JournalEntry {
  const { requestId, principal, deployment } = call;
  const { tenantId, keyId, agentId } = principal;
  const [first] = jobs;
  return {
    requestId,
    jobIds: jobs.map(({ spec }) => spec.jobId),
    ...{ tenantId, keyId },
    ...(agentId !== undefined && { agentId }),
    model: deployment.name,
    deploymentId: deployment.deploymentId,
    acceptedAtMs: first?.acceptedAtMs ?? nowMs,
    promptTokensEstimate: first?.spec.promptTokensEstimate ?? 0,
    progress: progressOf(jobs),
    notedAtMs: nowMs,
  };
}

function progressOf(jobs: readonly OwnedJob[]): JournalEntry['progress'] {
  const progress: JournalEntry['progress'] = {};
  for (const { spec, state, firstClaimAtMs, deliveredTokenIds } of jobs) {
    if (firstClaimAtMs === undefined) continue;
    const completionTokens = deliveredTokenIds.length;
    progress[spec.jobId] = { attempt: state.attempt, startedAtMs: firstClaimAtMs, completionTokens };
  }
  return progress;
}

/** Throws for what is no entry. */
export function readJournalEntry(text: string): JournalEntry {
  return journalEntrySchema.parse(JSON.parse(text));
}
