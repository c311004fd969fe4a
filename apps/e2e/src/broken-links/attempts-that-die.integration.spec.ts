import { createSimulatedDriver, type EngineReplica } from '@millrace/adapters/engines';
import { build } from '../../../../tools/build.mjs';
import { ask, facts } from './every-cut.js';
import { cutAfter, OwnerAndRunners, stopAfter } from './owner-and-runners.js';

const NEVER = new AbortController().signal;
const QUESTION = ask('Tell me a story about a fox.');
const HANG_TIMEOUT_MS = 300;

async function load(hangTimeoutMs?: number): Promise<EngineReplica> {
  const driver = createSimulatedDriver(hangTimeoutMs === undefined ? {} : { hangTimeoutMs });
  const engineOptions = { timeToFirstTokenMs: 5, tokensPerSecond: 500 };
  const settings = { modelName: 'simulated', artifactPath: 'simulated:answers', engineOptions };
  return driver.load(settings, () => undefined, NEVER);
}

describe('an attempt that ends before its answer does', () => {
  const replicas: EngineReplica[] = [];
  const opened: OwnerAndRunners[] = [];
  let steady: EngineReplica;
  let undisturbed: object;

  /** Attempts that are to be disturbed run on a replica of their own. */
  async function start(hangTimeoutMs?: number): Promise<{ millrace: OwnerAndRunners; disturbed: EngineReplica }> {
    const disturbed = await load(hangTimeoutMs);
    replicas.push(disturbed);
    const millrace = await OwnerAndRunners.start(disturbed, steady);
    opened.push(millrace);
    return { millrace, disturbed };
  }

  beforeAll(async () => {
    await build();
    steady = await load();
    const millrace = await OwnerAndRunners.start(steady);
    undisturbed = facts(await millrace.answer(QUESTION));
    millrace.close();
  });

  afterEach(async () => {
    for (const millrace of opened.splice(0)) millrace.close();
    await Promise.all(replicas.splice(0).map((replica) => replica.stop()));
  });

  afterAll(() => steady.stop());

  it('by the stop of its runner is no failure, however often that happens', async () => {
    const { millrace } = await start();
    const heard = await millrace.answer(QUESTION, ...[0, 0, 3, 7, 8, 20].map(stopAfter));
    expect(facts(heard)).toEqual(undisturbed);
    expect(heard.end.attempts).toBe(7);
    expect(millrace.errors).toEqual([]);
  });

  it('by the stop of its runner is handed over at once, also by an engine that does not hear', async () => {
    const { millrace, disturbed } = await start(2_000);
    const freezeAndStop = (stop: () => void): void => {
      process.kill(disturbed.pid, 'SIGSTOP');
      stop();
    };
    const heard = await millrace.answer(QUESTION, { afterTokens: 5, by: freezeAndStop });
    expect(facts(heard)).toEqual(undisturbed);
    expect(heard.end.totalMs).toBeLessThan(2_000);
  });

  it.each([0, 6])('by the death of its engine after %i tokens leaves a pause', async (tokens) => {
    const { millrace, disturbed } = await start();
    const kill = (): void => void process.kill(disturbed.pid, 'SIGKILL');
    const heard = await millrace.answer(QUESTION, { afterTokens: tokens, by: kill });
    expect(facts(heard)).toEqual(undisturbed);
    expect(heard.end.attempts).toBe(2);
    expect(millrace.errors).toMatchObject([{ code: 'engine_crashed' }]);
  });

  it.each([0, 6])('by an engine that freezes after %i tokens leaves a pause', async (tokens) => {
    const { millrace, disturbed } = await start(HANG_TIMEOUT_MS);
    const freeze = (): void => void process.kill(disturbed.pid, 'SIGSTOP');
    const heard = await millrace.answer(QUESTION, { afterTokens: tokens, by: freeze });
    expect(facts(heard)).toEqual(undisturbed);
    expect(heard.end.attempts).toBe(2);
    expect(millrace.errors).toMatchObject([{ code: 'engine_hung' }]);
  });

  it('ends the job when it is the fifth that died, and counts what was delivered once', async () => {
    const { millrace } = await start();
    const heard = await millrace.answer(QUESTION, ...[2, 4, 6].map(cutAfter), stopAfter(8), ...[9, 10].map(cutAfter));
    expect(heard.end).toMatchObject({
      outcome: { kind: 'failed', reason: 'runner_lost', message: 'The runner that generated the answer was lost.' },
      attempts: 6,
      usage: { completionTokens: heard.tokenIds.length },
    });
    expect(undisturbed).toMatchObject({ text: expect.stringMatching(new RegExp(`^${heard.text}.`)) as string });
  });
});
