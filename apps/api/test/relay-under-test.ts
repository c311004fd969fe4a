import type { ChatCall } from '../src/completions/complete-chat-port.js';
import { newOwnedJob, type AnswerPiece, type JobEnd, type OwnedJob } from '../src/queueing/owned-job.js';

const usage = { promptTokens: 3, completionTokens: 2, cachedTokens: 1 };
/** How a job ends well. */
export const end: JobEnd = {
  outcome: { kind: 'completed', finishReason: 'stop' },
  usage,
  attempts: 1,
  queueMs: 1,
  firstTokenMs: 2,
  totalMs: 3,
};

/** One piece of an answer, a token of it. */
export const piece = (text: string): AnswerPiece => ({ tokenIds: [1], text, logprobs: [] });

/** A job that nobody has taken. */
export function newJob(jobId = 'ses_1'): OwnedJob {
  const spec = {
    jobId,
    tenantId: 'ten_1',
    deploymentId: 'dep_1',
    promptTokensEstimate: 1,
    answerTokensEstimate: 1,
    payload: {
      messages: [],
      sampling: undefined,
      maxCompletionTokens: 0,
      stop: [],
      renderedAtMs: 0,
      toolUse: undefined,
      outputFormat: undefined,
    },
    startDeadlineMs: 1_000,
    firstTokenDeadlineMs: 5_000,
    interTokenDeadlineMs: 500,
    totalDeadlineMs: 2_000,
  };
  return newOwnedJob(spec, { phase: 'waiting', attempt: 1, failures: 0 }, 0);
}

/** A caller that reads at the pace the test sets. */
export function callerOf(options: { stream: boolean }) {
  const caller = {
    events: [] as string[],
    json: undefined as unknown,
    keepsUp: true,
    catchUp: (): void => undefined,
    leaving: new AbortController(),
    started: false,
  };
  const reply: ChatCall['reply'] = {
    get started() {
      return caller.started;
    },
    setHeaders: () => undefined,
    startStream: () => {
      caller.started = true;
    },
    write: (events) => {
      caller.events.push(events);
      return caller.keepsUp;
    },
    drained: () =>
      new Promise((resolve) => {
        caller.catchUp = resolve;
      }),
    end: () => caller.events.push('(end)'),
    sendJson: (_, body) => {
      caller.json = body;
    },
  };
  const call = {
    requestId: 'req_1',
    receivedAtMs: 5_000,
    principal: { tenantId: 'ten_1', keyId: 'key_1', kind: 'inference' },
    request: { stream: options.stream, includeUsage: false },
    deployment: { name: 'm', deploymentId: 'dep_1' },
    reply,
    hungUp: caller.leaving.signal,
  } as unknown as ChatCall;
  return { caller, call };
}

/** One turn of the event loop. */
export const turn = async (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

/** What the relay says about its caller, and a process as busy as the test wants. */
export function relayTools() {
  const said: string[] = [];
  const later: (() => void)[] = [];
  return {
    said,
    endWindow: (): void => {
      for (const work of later.splice(0)) work();
    },
    enqueued: Promise.resolve(),
    pacer: { idle: true, later: (work: () => void) => later.push(work) },
    jobs: { callerFellBehind: () => said.push('behind'), callerCaughtUp: () => said.push('caught up') },
  };
}
