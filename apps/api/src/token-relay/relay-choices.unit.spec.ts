import { callerOf, end, newJob, piece, relayTools, turn } from '../../test/relay-under-test.js';
import { relayAnswer } from './relay-answer.js';

let tools: ReturnType<typeof relayTools>;
beforeEach(() => {
  tools = relayTools();
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
