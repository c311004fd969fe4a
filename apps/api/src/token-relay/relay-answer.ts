import { ApiError } from '../http/api-error.js';
import { chatCompletion, type ChatUsage } from '../completions/chat-response.js';
import type { ChatCall } from '../completions/complete-chat-port.js';
import type { JobEnd, JobUsage, OwnedJob } from '../queueing/owned-job.js';
import { problemOf } from './answer-problem.js';
import { StreamWriter } from './stream-writer.js';

type Ending = { kind: 'ended'; end: JobEnd } | { kind: 'timed-out'; deadline: 'start' | 'total' };

/**
 * Passes the chunks of a job to its caller, streamed or as one answer, and resolves when the reply has ended.
 * Listens from the moment of the call. Throws ApiError when the job gives no answer.
 */
export function relayAnswer(job: OwnedJob, call: ChatCall): Promise<void> {
  return call.request.stream ? relayStream(job, call) : relayWhole(job, call);
}

async function relayStream(job: OwnedJob, call: ChatCall): Promise<void> {
  const writer = new StreamWriter(call.reply, identityOf(job, call), call.request.includeUsage);
  const end = await listen(job, call, (text) => {
    writer.text(text);
  });
  if (end?.outcome.kind === 'completed') await writer.finish(end.outcome.finishReason, chatUsage(end.usage));
}

async function relayWhole(job: OwnedJob, call: ChatCall): Promise<void> {
  const pieces: string[] = [];
  const end = await listen(job, call, (text) => {
    pieces.push(text);
  });
  if (end?.outcome.kind !== 'completed') return;
  const { finishReason } = end.outcome;
  const answer = { text: pieces.join(''), finishReason, usage: chatUsage(end.usage) };
  call.reply.sendJson(200, chatCompletion(identityOf(job, call), answer));
}

/** Waits for the end of the job; undefined when the caller has left. Throws ApiError for any other bad end. */
async function listen(job: OwnedJob, call: ChatCall, onText: (text: string) => void): Promise<JobEnd | undefined> {
  const timedOut = new Promise<Ending>((resolve) => {
    job.listener = {
      onText,
      onTimeOut: (deadline) => {
        resolve({ kind: 'timed-out', deadline });
      },
    };
  });
  const ended = job.ended.then((end): Ending => ({ kind: 'ended', end }));
  const ending = await Promise.race([timedOut, ended]);
  job.listener = undefined;
  if (call.hungUp.aborted) return undefined;
  if (ending.kind === 'timed-out') {
    const limitMs = ending.deadline === 'start' ? job.spec.startDeadlineMs : job.spec.totalDeadlineMs;
    throw new ApiError({ kind: 'deadline_exceeded', deadline: ending.deadline, limitMs });
  }
  const problem = problemOf(ending.end.outcome);
  if (problem) throw new ApiError(problem);
  return ending.end;
}

function identityOf(job: OwnedJob, call: ChatCall): { id: string; createdAtMs: number; model: string } {
  return { id: job.spec.jobId, createdAtMs: call.receivedAtMs, model: call.deployment.name };
}

function chatUsage(usage: JobUsage): ChatUsage {
  return { ...usage, reasoningTokens: 0 };
}
