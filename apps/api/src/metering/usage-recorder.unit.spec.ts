import { jest } from '@jest/globals';
import type { UsageRecord } from '@millrace/adapters/postgres';
import { UsageRecorder } from './usage-recorder.js';

function row(requestId: string): UsageRecord {
  return {
    requestId,
    jobId: 'ses_1',
    tenantId: 'ten_1',
    keyId: 'key_1',
    model: 'm',
    deploymentId: 'dep_1',
    promptTokens: 1,
    cachedTokens: 0,
    completionTokens: 1,
    reasoningTokens: 0,
    queueMs: 0,
    totalMs: 1,
    attempts: 1,
    outcome: 'completed',
    finishedAtMs: 0,
  };
}

/** Two stores that can be away, and what they hold. */
function stores() {
  const world = {
    postgresAway: false,
    redisAway: false,
    slow: Promise.resolve(),
    postgres: [] as string[],
    redis: [] as UsageRecord[],
    statements: 0,
    journalEnded: [] as string[],
  };
  const recorder = new UsageRecorder({
    store: async (rows) => {
      if (world.postgresAway) throw new Error('Postgres is away');
      world.statements += 1;
      await world.slow;
      world.postgres.push(...rows.map(({ requestId }) => requestId));
    },
    buffer: {
      append: async (rows) => {
        if (world.redisAway) throw new Error('Redis is away');
        world.redis.push(...rows);
        return Promise.resolve();
      },
      drainTo: async (store) => {
        if (world.redis.length > 0) await store(world.redis);
        return world.redis.splice(0).length;
      },
    },
    journal: { end: (requestIds) => world.journalEnded.push(...requestIds) },
    onError: () => undefined,
  });
  return { world, recorder };
}

describe('recording usage', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it('writes rows that come together in one statement', async () => {
    const { world, recorder } = stores();
    const stored = Promise.all([recorder.record(row('a')), recorder.record(row('b'))]);
    await jest.advanceTimersByTimeAsync(20);
    await stored;
    expect(world).toMatchObject({ postgres: ['a', 'b'], statements: 1 });
    await recorder.close();
  });

  it('keeps rows in Redis while Postgres is away and settles them when it is back', async () => {
    const { world, recorder } = stores();
    world.postgresAway = true;
    const stored = recorder.record(row('a'));
    await jest.advanceTimersByTimeAsync(20);
    await stored;
    expect(world.redis).toHaveLength(1);
    world.postgresAway = false;
    await jest.advanceTimersByTimeAsync(5_000);
    expect(world).toMatchObject({ postgres: ['a'], redis: [] });
    await recorder.close();
  });

  it('keeps a row, and its caller waiting, until one of the stores is back', async () => {
    const { world, recorder } = stores();
    Object.assign(world, { postgresAway: true, redisAway: true });
    let isStored = false;
    const stored = recorder.record(row('a')).then(() => {
      isStored = true;
    });
    await jest.advanceTimersByTimeAsync(3_000);
    expect(isStored).toBe(false);
    expect(world.journalEnded).toEqual([]);
    world.postgresAway = false;
    await jest.advanceTimersByTimeAsync(1_000);
    await stored;
    expect(world).toMatchObject({ postgres: ['a'], journalEnded: ['a'] });
    await recorder.close();
  });

  it('writes all that has come meanwhile in one statement while Postgres is slow', async () => {
    const { world, recorder } = stores();
    let answer = (): void => undefined;
    world.slow = new Promise((resolve) => (answer = resolve));
    const stored = [recorder.record(row('a'))];
    await jest.advanceTimersByTimeAsync(20);
    for (const id of ['b', 'c']) {
      stored.push(recorder.record(row(id)));
      await jest.advanceTimersByTimeAsync(100);
    }
    answer();
    await jest.advanceTimersByTimeAsync(20);
    await Promise.all(stored);
    expect(world).toMatchObject({ postgres: ['a', 'b', 'c'], statements: 2 });
    await recorder.close();
  });

  it('takes a Postgres that does not answer for one that is away, and waits for it once', async () => {
    const { world, recorder } = stores();
    world.slow = new Promise(() => undefined);
    const stored = recorder.record(row('a'));
    await jest.advanceTimersByTimeAsync(1_020);
    await stored;
    const next = recorder.record(row('b'));
    await jest.advanceTimersByTimeAsync(40);
    await next;
    expect(world).toMatchObject({ statements: 1, journalEnded: ['a', 'b'] });
    expect(world.redis).toHaveLength(2);
    world.slow = Promise.resolve();
    await jest.advanceTimersByTimeAsync(5_000);
    const last = recorder.record(row('c'));
    await jest.advanceTimersByTimeAsync(20);
    await last;
    expect(world).toMatchObject({ postgres: ['a', 'b', 'c'], redis: [] });
    await recorder.close();
  });

  it('writes what it has gathered when it closes', async () => {
    const { world, recorder } = stores();
    const stored = recorder.record(row('a'));
    await recorder.close();
    await stored;
    expect(world.postgres).toEqual(['a']);
  });
});
