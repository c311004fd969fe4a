import type { EngineReplica, ReplicaSettings } from '@millrace/adapters/engines';
import { ask, NEVER, read } from './engine-answer.js';
import type { GivenEngine } from './engine-under-test.js';

/** From the settings to a loaded replica, or to the reason why there is none. */
export function describeLoads(given: () => GivenEngine): void {
  const load = (settings: ReplicaSettings = given().settings): Promise<EngineReplica> =>
    given()
      .createDriver()
      .load(settings, () => undefined, NEVER);

  it('reports the progress of a load', async () => {
    const { createDriver, settings } = given();
    const seen: number[] = [];
    const replica = await createDriver().load(settings, (progress) => seen.push(progress), NEVER);
    await replica.stop();
    expect(seen.length).toBeGreaterThan(0);
    expect(seen).toEqual([...seen].sort((a, b) => a - b));
    expect(seen.at(-1)).toBeLessThanOrEqual(1);
    expect(await replica.exited).toMatchObject({ expected: true });
  });

  it('says in one plain sentence why a broken artifact does not load', async () => {
    const { createDriver, broken } = given();
    const message: unknown = expect.stringMatching(/^[^/\n]+\.$/);
    await expect(load(broken)).rejects.toMatchObject({ code: 'load_failed', message });
    await expect(createDriver().estimate(broken)).rejects.toMatchObject({ code: 'load_failed', message });
  });

  it('refuses engine options that it does not know, by their name', async () => {
    const { createDriver, settings } = given();
    const unknown = { ...settings, engineOptions: { ...settings.engineOptions, gpus: 2 } };
    const failure = { code: 'load_failed', message: expect.stringMatching(/^engineOptions .*gpus.*\.$/) as unknown };
    await expect(load(unknown)).rejects.toMatchObject(failure);
    await expect(createDriver().estimate(unknown)).rejects.toMatchObject(failure);
  });

  it('gives up a load that is no longer wanted', async () => {
    const { createDriver, settings } = given();
    const controller = new AbortController();
    const loading = createDriver().load(settings, () => controller.abort(new Error('not wanted')), controller.signal);
    await expect(loading).rejects.toThrow('not wanted');
  });
}

/** Engine processes that end unexpectedly. */
export function describeEnds(given: () => GivenEngine): void {
  it('ends running answers when the engine process is killed', async () => {
    const { createDriver, settings, known, story } = given();
    const replica = await createDriver().load(settings, () => undefined, NEVER);
    const failures = [story, known.question].map(async (question) => {
      for await (const event of replica.generate(ask(question), NEVER)) {
        if (event.kind === 'chunk') process.kill(replica.pid, 'SIGKILL');
      }
    });
    for (const outcome of await Promise.allSettled(failures)) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'engine_crashed' } });
    }
    expect(await replica.exited).toMatchObject({ expected: false });
    await expect(read(replica, ask(known.question))).rejects.toMatchObject({ code: 'engine_crashed' });
    await replica.stop();
  });

  it('ends an engine that hangs and tells it from a crash', async () => {
    const { createDriver, settings, story } = given();
    const replica = await createDriver({ hangTimeoutMs: 400 }).load(settings, () => undefined, NEVER);
    const reading = async (): Promise<void> => {
      for await (const event of replica.generate(ask(story), NEVER)) {
        if (event.kind === 'chunk') process.kill(replica.pid, 'SIGSTOP');
      }
    };
    await expect(reading()).rejects.toMatchObject({ code: 'engine_hung' });
    expect(await replica.exited).toMatchObject({ expected: false });
  });
}

/** What a replica says of its memory. */
export function describeMemory(given: () => GivenEngine): void {
  it('estimates before the load what it measures after it, within a tenth and what two processes differ by', async () => {
    const { createDriver, settings, replica, processSpreadBytes } = given();
    const estimate = await createDriver().estimate(settings);
    const estimated = estimate.weightsBytes + estimate.kvBytes + estimate.computeBytes + estimate.overheadBytes;
    expect(estimate).toMatchObject({ contextLength: replica.contextLength, slots: replica.slots });
    const tolerance = replica.measuredBytes / 10 + processSpreadBytes;
    expect(Math.abs(estimated - replica.measuredBytes)).toBeLessThan(tolerance);
  });
}
