import { ask, describeEngineDriver, read } from '@millrace/testing';
import { build } from '../../../../../tools/build.mjs';
import type { EngineReplica, ReplicaSettings } from '../engine-driver.js';
import { createSimulatedDriver } from './simulated-driver.js';

const NEVER = new AbortController().signal;
const QUICK = { timeToFirstTokenMs: 5, tokensPerSecond: 500, answerTokens: 100 };
const SETTINGS: ReplicaSettings = {
  modelName: 'quick',
  artifactPath: 'simulated:quick',
  slots: 8,
  contextLength: 512,
  engineOptions: { ...QUICK, loadMs: 50, weightsBytes: 1_000_000, kvBytesPerToken: 1_000 },
};
const KNOWN = 'What is the capital of France?';
const STORY = 'Tell me a story about a dragon.';

beforeAll(async () => build());

describeEngineDriver('simulated', async () => ({
  createDriver: createSimulatedDriver,
  settings: SETTINGS,
  broken: { ...SETTINGS, artifactPath: 'models/weights.gguf' },
  known: { question: KNOWN, answer: ' listens mill bright narrow it letter, crosses light' },
  story: STORY,
  processSpreadBytes: 0,
}));

describe('the simulated driver', () => {
  const started: EngineReplica[] = [];
  const load = async (engineOptions: ReplicaSettings['engineOptions']): Promise<EngineReplica> => {
    const settings = { ...SETTINGS, engineOptions: { ...QUICK, ...engineOptions } };
    const replica = await createSimulatedDriver().load(settings, () => undefined, NEVER);
    started.push(replica);
    return replica;
  };
  afterEach(async () => {
    await Promise.all(started.splice(0).map((replica) => replica.stop()));
  });

  it('answers with characters of several tokens', async () => {
    const { text } = await read(await load({}), ask(STORY));
    expect(text).toMatch(/[\u0080-\u{10ffff}]/u);
  });

  it('takes the time to the first token and the speed from its options', async () => {
    const replica = await load({ timeToFirstTokenMs: 60, tokensPerSecond: 200, answerTokens: 21 });
    const startMs = performance.now();
    const arrivedMs: number[] = [];
    for await (const event of replica.generate(ask(STORY), NEVER)) {
      if (event.kind === 'chunk') arrivedMs.push(performance.now() - startMs);
    }
    expect(arrivedMs[0]).toBeGreaterThanOrEqual(59);
    // The first step is shared with whatever else runs, so it may come at once.
    expect(arrivedMs.at(-1)).toBeGreaterThanOrEqual(59 + 19 * 5);
  });

  it('reads a prompt at the speed of its options, but not what it has in its cache', async () => {
    const replica = await load({ timeToFirstTokenMs: 0, promptTokensPerSecond: 1000 });
    const long = ask('word '.repeat(150), { maxCompletionTokens: 1 });
    const startMs = performance.now();
    const { usage } = await read(replica, long);
    expect(performance.now() - startMs).toBeGreaterThanOrEqual(usage.promptTokens - 1);
    const again = await read(replica, long);
    expect(again.usage.cachedTokens).toBeGreaterThan(usage.promptTokens / 2);
  });

  it('fails a load with the sentence of its options', async () => {
    await expect(load({ loadFailure: 'The card has no memory left.' })).rejects.toMatchObject({
      code: 'load_failed',
      message: 'The card has no memory left.',
    });
  });

  it('refuses an option of a wrong kind by its name', async () => {
    await expect(load({ tokensPerSecond: 'fast' })).rejects.toThrow(/^engineOptions\.tokensPerSecond is not valid/);
  });

  it('crashes when a message asks for it, and goes on behind the cut with the text of an undisturbed answer', async () => {
    const undisturbed = await read(await load({}), ask(STORY));
    const request = ask(`${STORY} [simulated: crash after 9 tokens]`);
    const deliveredTokenIds: number[] = [];
    let deliveredText = '';
    const reading = async (): Promise<void> => {
      for await (const event of (await load({})).generate(request, NEVER)) {
        if (event.kind !== 'chunk') continue;
        deliveredTokenIds.push(...event.tokenIds);
        deliveredText += event.text;
      }
    };
    await expect(reading()).rejects.toMatchObject({ code: 'engine_crashed' });
    expect(deliveredTokenIds).toEqual(undisturbed.tokenIds.slice(0, 9));
    const deliveredBytes = Buffer.byteLength(deliveredText);
    const rest = await read(await load({}), { ...request, deliveredTokenIds, deliveredBytes });
    expect(deliveredText + rest.text).toBe(undisturbed.text);
  });

  it('hangs when its options ask for it', async () => {
    const settings = { ...SETTINGS, engineOptions: { ...QUICK, failure: { kind: 'hang', afterTokens: 3 } } };
    const replica = await createSimulatedDriver({ hangTimeoutMs: 300 }).load(settings, () => undefined, NEVER);
    await expect(read(replica, ask(STORY))).rejects.toMatchObject({ code: 'engine_hung' });
    await replica.exited;
  });

  it('calls a tool and writes JSON where it is asked to', async () => {
    const replica = await load({});
    const tools = [{ name: 'now' }];
    const call = await read(replica, ask(STORY, { toolUse: { tools, choice: 'required', parallel: true } }));
    expect(call).toMatchObject({ text: '<tool_call>{"name": "now", "arguments": {}}</tool_call>', reason: 'stop' });
    const { text } = await read(replica, ask(STORY, { format: { kind: 'json_object' } }));
    expect(JSON.parse(text)).toEqual({ answer: 'simulated' });
  });

  it('fails or stalls one answer only', async () => {
    const replica = await load({});
    const failing = read(replica, ask(`${STORY} [simulated: fail after 2 tokens]`));
    const leave = new AbortController();
    const stalled = read(replica, ask(`${STORY} [simulated: stall after 2 tokens]`), leave.signal);
    const undisturbed = await read(replica, ask(STORY));
    await expect(failing).rejects.toMatchObject({ code: 'engine_error' });
    leave.abort();
    const { reason, text } = await stalled;
    expect(reason).toBe('cancelled');
    expect(undisturbed.text.startsWith(text)).toBe(true);
  });
});
