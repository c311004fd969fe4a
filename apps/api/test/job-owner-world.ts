import type { Ticket } from '@millrace/contracts/job-contract';
import { FinishReason, type OwnerEvent, type RunnerEvent } from '@millrace/contracts/runner-protocol';
import { JobOwner } from '../src/queueing/job-owner.js';
import type { LinkOut } from '../src/queueing/links-out.js';
import type { JobSpec, OwnedJob } from '../src/queueing/owned-job.js';

/** What the job of these tests starts from. */
export const spec: JobSpec = {
  jobId: 'ses_1',
  tenantId: 'ten_1',
  deploymentId: 'dep_1',
  promptTokensEstimate: 10,
  answerTokensEstimate: 20,
  payload: {
    messages: [{ role: 'user', content: 'Hi', name: '', toolCallId: '', toolCalls: [] }],
    sampling: { temperature: 0, topP: 1, presencePenalty: 0, frequencyPenalty: 0, logitBias: {} },
    maxCompletionTokens: 0,
    stop: [],
    renderedAtMs: 0,
    toolUse: undefined,
    outputFormat: undefined,
  },
  startDeadlineMs: 1_000,
  firstTokenDeadlineMs: 5_000,
  interTokenDeadlineMs: 500,
  totalDeadlineMs: 10_000,
};

type Sent = NonNullable<OwnerEvent['event']>;

/** An owner with a clock, a queue and links that a test moves by hand. */
export function world() {
  const clock = { nowMs: 0 };
  const waiting = new Map<string, Ticket>();
  const key = (ticket: Ticket): string => `${ticket.jobId}-${String(ticket.attempt)}`;
  const redis = { away: false, answering: undefined as Promise<void> | undefined };
  const jobs = new JobOwner({
    owner: 'me',
    tickets: {
      add: async (ticket) => {
        if (redis.answering) await redis.answering;
        if (redis.away) throw new Error('Redis is away');
        waiting.set(key(ticket), ticket);
      },
      remove: async (ticket) => {
        waiting.delete(key(ticket));
        return Promise.resolve();
      },
      missing: async (tickets) => Promise.resolve(tickets.filter((ticket) => !waiting.has(key(ticket)))),
    },
    nowMs: () => clock.nowMs,
    onError: () => undefined,
  });
  const link = (id: string): LinkOut & { sent: Sent[] } => {
    const sent: Sent[] = [];
    const out = { id, sent, send: (event: Sent) => sent.push(event) };
    jobs.addLink(out);
    return out;
  };
  return { clock, waiting, redis, jobs, link };
}

/** Hears what the job's caller would. */
export function listenTo(job: OwnedJob): { text: string; timedOut: string | undefined } {
  const heard: { text: string; timedOut: string | undefined } = { text: '', timedOut: undefined };
  job.listener = {
    onPiece: ({ text }) => (heard.text += text),
    onTimeOut: (deadline) => (heard.timedOut = deadline),
  };
  return heard;
}

/** What a runner says about the job. */
export const claim = (attempt = 1, owner = 'me'): NonNullable<RunnerEvent['event']> => ({
  $case: 'claim',
  value: { jobId: 'ses_1', attempt, deploymentId: 'dep_1', replicaId: 'rep_1', owner },
});
export const chunk = (seq: number, text: string, attempt = 1): NonNullable<RunnerEvent['event']> => ({
  $case: 'chunk',
  value: { jobId: 'ses_1', attempt, seq, tokenIds: [100 + seq], text, logprobs: [] },
});
export const finished = (attempt = 1): NonNullable<RunnerEvent['event']> => ({
  $case: 'finished',
  value: {
    jobId: 'ses_1',
    attempt,
    finishReason: FinishReason.FINISH_REASON_STOP,
    usage: { promptTokens: 5, completionTokens: 2, cachedTokens: 1 },
  },
});
