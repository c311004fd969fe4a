import type { FinishReason } from '@millrace/contracts/openai';
import { deadlineLimitMs, type Deadline } from '@millrace/domain/claim';
import type { Pacer } from '@millrace/platform/pacing';
import { answerForm, type AnswerForm } from '../completions/answer-form.js';
import { chatCompletion, queuedComment, type ChatIdentity } from '../completions/chat-response.js';
import type { ChatCall } from '../completions/complete-chat-port.js';
import { StreamEncoder } from '../completions/stream-encoder.js';
import { WholeChoice } from '../completions/whole-choice.js';
import { ApiError } from '../http/api-error.js';
import type { JobOwner } from '../queueing/job-owner.js';
import type { AnswerListener, JobEnd, JobUsage, OwnedJob, PlaceInQueue } from '../queueing/owned-job.js';
import { problemOf } from './answer-problem.js';
import { StreamWriter } from './stream-writer.js';

type Ending = { kind: 'ended'; end: JobEnd } | { kind: 'timed-out'; deadline: Deadline };

/** How one choice has ended well. */
interface Answered {
  finishReason: FinishReason;
  usage: JobUsage;
}

/** What the relay works with: how busy the process is, and who is told when a caller reads slowly. */
export interface RelayTools {
  /** Rejects when the queue refuses one of the jobs, which then never ends. */
  enqueued: Promise<unknown>;
  pacer: Pacer;
  jobs: Pick<JobOwner, 'callerFellBehind' | 'callerCaughtUp'>;
}

/**
 * Passes the answer of a call to its caller, streamed or whole, and resolves when the reply has ended. Each job is
 * one choice. Listens from the moment of the call. Throws ApiError as soon as one of the jobs gives no answer; nothing
 * is written after that, and what has come of each job is counted.
 */
export function relayAnswer(jobs: readonly OwnedJob[], call: ChatCall, tools: RelayTools): Promise<void> {
  return call.request.stream ? relayStream(jobs, call, tools) : relayWhole(jobs, call, tools);
}

async function relayStream(jobs: readonly OwnedJob[], call: ChatCall, tools: RelayTools): Promise<void> {
  const encoder = new StreamEncoder(identityOf(jobs, call), formOf(jobs, call));
  const caller = {
    onBehind: () => {
      for (const job of jobs) tools.jobs.callerFellBehind(job);
    },
    onCaughtUp: () => {
      for (const job of jobs) tools.jobs.callerCaughtUp(job);
    },
  };
  const writer = new StreamWriter(call.reply, encoder, { choices: jobs.length, pacer: tools.pacer, caller });
  const choices = jobs.map(async (job, choice) => {
    const answer = await listen(job, call, {
      onPiece: (piece) => {
        writer.piece(choice, piece);
      },
      // Choices wait side by side: the place of the first one stands for all.
      ...(choice === 0 && {
        onPlace: (place: PlaceInQueue) => {
          writer.comment(queuedComment(place));
        },
      }),
    });
    if (answer) writer.finish(choice, answer.finishReason);
    return answer;
  });
  try {
    const [answers] = await Promise.all([Promise.all(choices), tools.enqueued]);
    if (answers.every((answer) => answer !== undefined)) await writer.end(totalUsage(answers));
  } finally {
    writer.stop();
    for (const [index, job] of jobs.entries()) job.reasoningTokens = encoder.reasoningTokens[index] ?? 0;
  }
}

async function relayWhole(jobs: readonly OwnedJob[], call: ChatCall, { enqueued }: RelayTools): Promise<void> {
  const form = formOf(jobs, call);
  const choices = jobs.map(async (job, index) => {
    const choice = new WholeChoice(index, form);
    const answer = await listen(job, call, {
      onPiece: (piece) => {
        choice.piece(piece);
        // Metering does not wait for the end of a choice whose sibling has failed.
        job.reasoningTokens = choice.reasoningTokens;
      },
    });
    return answer && { ...answer, choice: choice.finish(answer.finishReason) };
  });
  const [answers] = await Promise.all([Promise.all(choices), enqueued]);
  if (!answers.every((answer) => answer !== undefined)) return;
  const reasoningTokens = jobs.reduce((sum, job) => sum + job.reasoningTokens, 0);
  const usage = { ...totalUsage(answers), reasoningTokens };
  call.reply.sendJson(
    200,
    chatCompletion(
      identityOf(jobs, call),
      answers.map(({ choice }) => choice),
      usage,
    ),
  );
}

/** Waits for the end of a job; undefined when the caller has left. Throws ApiError for any other bad end. */
async function listen(
  job: OwnedJob,
  call: ChatCall,
  hear: Omit<AnswerListener, 'onTimeOut'>,
): Promise<Answered | undefined> {
  const timedOut = new Promise<Ending>((resolve) => {
    job.listener = {
      ...hear,
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
    const limitMs = deadlineLimitMs(job.spec, ending.deadline);
    throw new ApiError({ kind: 'deadline_exceeded', deadline: ending.deadline, limitMs });
  }
  const { outcome, usage } = ending.end;
  if (outcome.kind !== 'completed') throw new ApiError(problemOf(outcome, call.request));
  return { finishReason: outcome.finishReason, usage };
}

/** The id of an answer is that of its first choice's job. */
function identityOf(jobs: readonly OwnedJob[], call: ChatCall): ChatIdentity {
  return { id: jobs[0]?.spec.jobId ?? '', createdAtMs: call.receivedAtMs, model: call.deployment.name };
}

function formOf(jobs: readonly OwnedJob[], { request }: ChatCall): AnswerForm {
  return answerForm(
    request,
    jobs.map(({ spec }) => spec.jobId),
  );
}

/** Choices share the prompt, so it counts once. */
function totalUsage(answers: readonly Answered[]): JobUsage {
  const { promptTokens, cachedTokens } = answers[0]?.usage ?? { promptTokens: 0, cachedTokens: 0 };
  const completionTokens = answers.reduce((sum, { usage }) => sum + usage.completionTokens, 0);
  return { promptTokens, cachedTokens, completionTokens };
}
