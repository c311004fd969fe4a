import type { ChatCall } from '../completions/complete-chat-port.js';
import { newOwnedJob, type AnswerPiece, type JobEnd, type OwnedJob } from '../queueing/owned-job.js';
import { relayAnswer } from './relay-answer.js';

const usage = { promptTokens: 3, completionTokens: 2, cachedTokens: 1 };
const end: JobEnd = {
  outcome: { kind: 'completed', finishReason: 'stop' },
  usage,
  attempts: 1,
  queueMs: 1,
  firstTokenMs: 2,
  totalMs: 3,
};

const piece = (text: string): AnswerPiece => ({ tokenIds: [1], text, logprobs: [] });

function newJob(jobId = 'ses_1'): OwnedJob {
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
function callerOf(options: { stream: boolean }) {
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

const turn = async (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve);
  });

/** What the relay says about its caller, and a process as busy as the test wants. */
function relayTools() {
  const said: string[] = [];
  const later: (() => void)[] = [];
  return {
    said,
    endWindow: (): void => {
      for (const work of later.splice(0)) work();
    },
    pacer: { idle: true, later: (work: () => void) => later.push(work) },
    jobs: { callerFellBehind: () => said.push('behind'), callerCaughtUp: () => said.push('caught up') },
  };
}

let tools: ReturnType<typeof relayTools>;
beforeEach(() => {
  tools = relayTools();
});

describe('relaying a streamed answer', () => {
  it('sends the role first, text of one turn as one event, then the finish and [DONE]', async () => {
    const { caller, call } = callerOf({ stream: true });
    const job = newJob();
    const relayed = relayAnswer([job], call, tools);
    job.listener?.onPiece(piece('Par'));
    job.listener?.onPiece(piece('is'));
    await turn();
    expect(caller.events[0]).toContain('"role":"assistant"');
    expect(caller.events[1]).toContain('"content":"Paris"');
    job.end(end);
    await relayed;
    expect(caller.events.slice(2).join('')).toMatch(/"finish_reason":"stop".*\n\ndata: \[DONE\]\n\n\(end\)$/s);
  });

  it('gathers text while the caller does not keep up', async () => {
    const { caller, call } = callerOf({ stream: true });
    const job = newJob();
    const relayed = relayAnswer([job], call, tools);
    caller.keepsUp = false;
    job.listener?.onPiece(piece('a'));
    await turn();
    const before = caller.events.length;
    for (const text of ['b', 'c', 'd']) {
      job.listener?.onPiece(piece(text));
      await turn();
    }
    expect(caller.events).toHaveLength(before);
    expect(tools.said).toEqual(['behind']);
    caller.keepsUp = true;
    caller.catchUp();
    await turn();
    expect(tools.said).toEqual(['behind', 'caught up']);
    expect(caller.events.at(-1)).toContain('"content":"bcd"');
    job.end(end);
    await relayed;
  });

  it('sends the first text at once, and what follows in windows while the process is busy', async () => {
    const { caller, call } = callerOf({ stream: true });
    const job = newJob();
    tools.pacer.idle = false;
    const relayed = relayAnswer([job], call, tools);
    job.listener?.onPiece(piece('a'));
    await turn();
    expect(caller.events.at(-1)).toContain('"content":"a"');
    for (const text of ['b', 'c']) {
      job.listener?.onPiece(piece(text));
      await turn();
    }
    expect(caller.events.at(-1)).toContain('"content":"a"');
    tools.endWindow();
    expect(caller.events.at(-1)).toContain('"content":"bc"');
    job.listener?.onPiece(piece('d'));
    job.end(end);
    await relayed;
    const sent = caller.events.length;
    tools.endWindow();
    expect(caller.events).toHaveLength(sent);
  });

  it('throws what went wrong before anything was sent, so that it becomes an HTTP status', async () => {
    const { caller, call } = callerOf({ stream: true });
    const job = newJob();
    const relayed = relayAnswer([job], call, tools);
    job.end({ ...end, outcome: { kind: 'failed', reason: 'context_length_exceeded', message: 'Too long.' } });
    await expect(relayed).rejects.toMatchObject({ problem: { kind: 'context_length_exceeded', message: 'Too long.' } });
    expect(caller.events).toEqual([]);
  });

  it.each([
    ['messages', {}],
    ['response_format', { responseFormat: { type: 'json_schema' as const, schema: {} } }],
    ['tools', { toolUse: { tools: [{ name: 'f' }], required: true, parallel: true, asFunctions: false } }],
  ])('names the parameter that the engine found impossible: %s', async (param, asked) => {
    const { call } = callerOf({ stream: true });
    Object.assign(call.request, asked);
    const job = newJob();
    const relayed = relayAnswer([job], call, tools);
    job.end({ ...end, outcome: { kind: 'failed', reason: 'invalid_request', message: 'It cannot be.' } });
    await expect(relayed).rejects.toMatchObject({ problem: { error: { param, message: 'It cannot be.' } } });
  });

  it('throws when a deadline passes', async () => {
    const { call } = callerOf({ stream: true });
    const job = newJob();
    const relayed = relayAnswer([job], call, tools);
    job.listener?.onTimeOut('total');
    await expect(relayed).rejects.toMatchObject({ problem: { kind: 'deadline_exceeded', limitMs: 2_000 } });
  });

  it('ends quietly when the caller has left', async () => {
    const { caller, call } = callerOf({ stream: true });
    const job = newJob();
    const relayed = relayAnswer([job], call, tools);
    caller.leaving.abort();
    job.end({ ...end, outcome: { kind: 'cancelled' } });
    await expect(relayed).resolves.toBeUndefined();
    expect(caller.events).toEqual([]);
  });
});

describe('relaying a plain answer', () => {
  it('sends the whole text with its usage once', async () => {
    const { caller, call } = callerOf({ stream: false });
    const job = newJob();
    const relayed = relayAnswer([job], call, tools);
    job.listener?.onPiece(piece('Par'));
    job.listener?.onPiece(piece('is'));
    job.end(end);
    await relayed;
    expect(caller.json).toMatchObject({
      id: 'ses_1',
      created: 5,
      choices: [{ message: { content: 'Paris' }, finish_reason: 'stop' }],
      usage: { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 },
    });
  });
});

describe('relaying several choices', () => {
  const jobs = () => [newJob('ses_1'), newJob('ses_2')] as const;

  it('interleaves their events as they come, under the id of the first, and counts the prompt once', async () => {
    const { caller, call } = callerOf({ stream: true });
    call.request.includeUsage = true;
    const [first, second] = jobs();
    const relayed = relayAnswer([first, second], call, tools);
    second.listener?.onPiece(piece('B'));
    await turn();
    second.end(end);
    await turn();
    first.listener?.onPiece(piece('A'));
    await turn();
    first.end(end);
    await relayed;
    const chunks = caller.events
      .join('')
      .split('\n\n')
      .filter((event) => event.startsWith('data: {'))
      .map((event) => JSON.parse(event.slice(6)));
    expect(new Set(chunks.map(({ id }) => id))).toEqual(new Set(['ses_1']));
    expect(chunks.flatMap(({ choices }) => choices.map((choice: { index: number }) => choice.index))).toEqual([
      0, 1, 1, 0, 1, 0,
    ]);
    expect(chunks.at(-1).usage).toMatchObject({ prompt_tokens: 3, completion_tokens: 4, total_tokens: 7 });
  });

  it('answers them whole, in the order of their indexes', async () => {
    const { caller, call } = callerOf({ stream: false });
    const [first, second] = jobs();
    const relayed = relayAnswer([first, second], call, tools);
    second.listener?.onPiece(piece('B'));
    second.end({ ...end, outcome: { kind: 'completed', finishReason: 'length' } });
    first.listener?.onPiece(piece('A'));
    first.end(end);
    await relayed;
    expect(caller.json).toMatchObject({
      id: 'ses_1',
      choices: [
        { index: 0, message: { content: 'A' }, finish_reason: 'stop' },
        { index: 1, message: { content: 'B' }, finish_reason: 'length' },
      ],
      usage: { prompt_tokens: 3, completion_tokens: 4 },
    });
  });

  it.each([true, false])('fails as soon as one of them does (stream: %s)', async (stream) => {
    const { caller, call } = callerOf({ stream });
    const [first, second] = jobs();
    const relayed = relayAnswer([first, second], call, tools);
    first.listener?.onPiece(piece('A'));
    second.end({ ...end, outcome: { kind: 'failed', reason: 'engine_error', message: 'It broke.' } });
    await expect(relayed).rejects.toMatchObject({ problem: { kind: 'generation_failed' } });
    expect(caller.events.join('')).not.toContain('"finish_reason":"');
    expect(caller.json).toBeUndefined();
  });

  it('counts the reasoning of each for metering', async () => {
    const { caller, call } = callerOf({ stream: false });
    const [first, second] = jobs();
    const relayed = relayAnswer([first, second], call, tools);
    for (const text of ['<think>', 'Hm', '</think>', 'A']) first.listener?.onPiece(piece(text));
    first.end(end);
    second.end(end);
    await relayed;
    expect([first.reasoningTokens, second.reasoningTokens]).toEqual([3, 0]);
    expect(caller.json).toMatchObject({ usage: { completion_tokens_details: { reasoning_tokens: 3 } } });
  });
});
