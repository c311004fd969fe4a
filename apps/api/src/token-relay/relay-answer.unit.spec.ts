import { callerOf, end, newJob, piece, relayTools, turn } from '../../test/relay-under-test.js';
import { relayAnswer } from './relay-answer.js';

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

  it('sends what has come before a failure, and nothing after it', async () => {
    const { caller, call } = callerOf({ stream: true });
    const job = newJob();
    const relayed = relayAnswer([job], call, tools);
    job.listener?.onPiece(piece('a'));
    await turn();
    tools.pacer.idle = false;
    job.listener?.onPiece(piece('b'));
    job.end({ ...end, outcome: { kind: 'failed', reason: 'engine_error', message: 'It broke.' } });
    await expect(relayed).rejects.toMatchObject({ problem: { kind: 'generation_failed' } });
    expect(caller.events.at(-1)).toContain('"content":"b"');
    const sent = caller.events.length;
    tools.endWindow();
    expect(caller.events).toHaveLength(sent);
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
