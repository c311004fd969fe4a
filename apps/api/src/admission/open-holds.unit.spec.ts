import { jest } from '@jest/globals';
import type { Hold } from '@millrace/adapters/limits';
import { OpenHolds } from './open-holds.js';

const hold = (requestId: string): Hold => ({ requestId, tokens: 10, second: 1, tenantId: 'ten_1', keyIds: ['key_1'] });

/** Open holds over counters that can be away. */
function holdsOver() {
  const redis = { away: false, renewed: [] as string[][], settled: [] as [string, number, string][] };
  const holds = new OpenHolds({
    counters: {
      renew: async (open) => {
        if (redis.away) throw new Error('Redis is away');
        redis.renewed.push([...open].map(({ requestId }) => requestId));
      },
      settle: async ({ requestId }, tokens, month) => {
        if (redis.away) throw new Error('Redis is away');
        redis.settled.push([requestId, tokens, month]);
      },
    },
    nowMs: () => Date.parse('2026-12-01T00:00:00Z'),
    onError: () => undefined,
  });
  return { redis, holds };
}

describe('the holds of a process', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });

  afterEach(() => {
    jest.useRealTimers();
  });

  it('are renewed together every few seconds until they are settled', async () => {
    const { redis, holds } = holdsOver();
    const settleFirst = holds.keep(hold('a'));
    holds.keep(hold('b'));
    await jest.advanceTimersByTimeAsync(5_000);
    settleFirst(7);
    await jest.advanceTimersByTimeAsync(5_000);
    expect(redis.renewed).toEqual([['a', 'b'], ['b']]);
    expect(redis.settled).toEqual([['a', 7, '2026-12']]);
    holds.close();
    await jest.advanceTimersByTimeAsync(20_000);
    expect(redis.renewed).toHaveLength(2);
  });

  it('are settled once, however often that is asked', async () => {
    const { redis, holds } = holdsOver();
    const settle = holds.keep(hold('a'));
    settle(7);
    settle(9);
    await holds.keepUp();
    expect(redis.settled).toEqual([['a', 7, '2026-12']]);
    holds.close();
  });

  it('are settled when Redis is back', async () => {
    const { redis, holds } = holdsOver();
    redis.away = true;
    holds.keep(hold('a'))(7);
    await holds.keepUp();
    redis.away = false;
    await holds.keepUp();
    await holds.keepUp();
    expect(redis.settled).toEqual([['a', 7, '2026-12']]);
    holds.close();
  });
});
