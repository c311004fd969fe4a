import type { EngineDriver, EngineReplica, ReplicaSettings } from '@millrace/adapters/engines';
import { describeAnswers, describeSlots } from './engine-answer-cases.js';
import { ask, NEVER, PARIS, read, STORY } from './engine-answer.js';
import { describeContinuation } from './engine-continuation-cases.js';

/** An engine to be judged and what to judge it with. */
export interface EngineUnderTest {
  driver: EngineDriver;
  /** A chat model that answers simple questions, with 8 slots. */
  settings: ReplicaSettings;
  /** A file of that kind of model that ends early. */
  truncatedArtifactPath: string;
}

/** Declares the tests that every engine driver passes. `setup` runs once, before the first. */
export function describeEngineDriver(name: string, setup: () => Promise<EngineUnderTest>): void {
  describe(`engine driver ${name}`, () => {
    let engine: EngineUnderTest;
    let replica: EngineReplica;
    const load = (settings = engine.settings): Promise<EngineReplica> =>
      engine.driver.load(settings, () => undefined, NEVER);

    beforeAll(async () => {
      engine = await setup();
      replica = await load();
    });
    afterAll(async () => replica.stop());

    describeAnswers(() => replica);
    describeSlots(() => replica);
    describeContinuation(() => replica);
    describeLife(() => ({ engine, load }));
    describeMemory(() => ({ engine, replica }));
  });
}

function describeLife(
  given: () => { engine: EngineUnderTest; load: (settings?: ReplicaSettings) => Promise<EngineReplica> },
): void {
  it('reports the progress of a load', async () => {
    const { engine } = given();
    const seen: number[] = [];
    const replica = await engine.driver.load(engine.settings, (progress) => seen.push(progress), NEVER);
    await replica.stop();
    expect(seen.length).toBeGreaterThan(0);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen.at(-1)).toBeLessThanOrEqual(1);
    expect(await replica.exited).toMatchObject({ expected: true });
  });

  it('ends running answers when the engine process is killed', async () => {
    const replica = await given().load();
    const failures = [STORY, PARIS].map(async (question) => {
      for await (const event of replica.generate(ask(question), NEVER)) {
        if (event.kind === 'chunk') process.kill(replica.pid, 'SIGKILL');
      }
    });
    for (const outcome of await Promise.allSettled(failures)) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'engine_crashed' } });
    }
    expect(await replica.exited).toMatchObject({ expected: false });
    await expect(read(replica, ask(PARIS))).rejects.toMatchObject({ code: 'engine_crashed' });
    await replica.stop();
  });

  it('says in one plain sentence why a broken file does not load', async () => {
    const { engine, load } = given();
    const settings = { ...engine.settings, artifactPath: engine.truncatedArtifactPath };
    const message: unknown = expect.stringMatching(/^[^/\n]+\.$/);
    await expect(load(settings)).rejects.toMatchObject({ code: 'load_failed', message });
    await expect(engine.driver.estimate(settings)).rejects.toMatchObject({ code: 'load_failed', message });
  });

  it('gives up a load that is no longer wanted', async () => {
    const { engine } = given();
    const controller = new AbortController();
    const loading = engine.driver.load(
      engine.settings,
      () => controller.abort(new Error('not wanted')),
      controller.signal,
    );
    await expect(loading).rejects.toThrow('not wanted');
  });
}

function describeMemory(given: () => { engine: EngineUnderTest; replica: EngineReplica }): void {
  it('estimates before the load what it measures after it, within a tenth', async () => {
    const { engine, replica } = given();
    const estimate = await engine.driver.estimate(engine.settings);
    const estimated = estimate.weightsBytes + estimate.kvBytes + estimate.computeBytes + estimate.overheadBytes;
    expect(estimate).toMatchObject({ contextLength: replica.contextLength, slots: replica.slots });
    expect(Math.abs(estimated - replica.measuredBytes) / replica.measuredBytes).toBeLessThan(0.1);
  });
}
