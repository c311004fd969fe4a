import { Redis } from 'ioredis';
import fc from 'fast-check';
import type { Limits } from '@millrace/domain/tenancy';
import { newId } from '@millrace/platform/ids';
import { LEASE_MS, LimitCounters, type CountedLevel, type Hold, type HoldAnswer } from './index.js';

const MONTH = '2026-11';
/** A limit that nobody reaches. */
const MANY = 1_000_000;

let redis: Redis;
let clock: { nowMs: number };
let counters: LimitCounters;
let tenantId: string;

beforeAll(() => {
  redis = new Redis(process.env['TEST_REDIS_URL'] ?? '', { maxRetriesPerRequest: 1 });
});

beforeEach(() => {
  clock = { nowMs: Date.parse('2026-11-25T10:00:00.250Z') };
  counters = new LimitCounters(redis, () => clock.nowMs);
  tenantId = newId('ten');
});

afterAll(async () => {
  const keys = await redis.keys('mr:limits:*');
  if (keys.length > 0) await redis.del(...keys);
  redis.disconnect();
});

interface Ask {
  tenant?: Limits;
  key?: Limits;
  least?: number;
  most?: number;
  seed?: number;
}

/** Asks for one request, of one token unless the test says more. */
function ask({ tenant, key, least = 1, most = least, seed }: Ask, with_ = counters): Promise<HoldAnswer> {
  const seeded = seed === undefined ? {} : { usedThisMonth: seed };
  const levels: CountedLevel[] = [
    ...(tenant ? [{ limits: tenant, ...seeded }] : []),
    ...(key ? [{ keyId: 'key_1', limits: key, ...seeded }] : []),
  ];
  const requestId = newId('req');
  return with_.hold({ tenantId, month: MONTH, levels, requestId, leastTokens: least, mostTokens: most });
}

async function held(asked: Ask): Promise<Hold> {
  const answer = await ask(asked);
  if (answer.outcome !== 'held') throw new Error(`expected a hold, got ${JSON.stringify(answer)}`);
  return answer.hold;
}

async function refused(asked: Ask) {
  const answer = await ask(asked);
  if (answer.outcome !== 'refused') throw new Error(`expected a refusal, got ${JSON.stringify(answer)}`);
  return answer.usages;
}

describe('requests and tokens a minute', () => {
  it('are never more than the limit in any 60 s, whenever requests come and whatever they use', async () => {
    const arrival = fc.record({
      afterMs: fc.oneof(fc.nat(500), fc.nat(20_000)),
      least: fc.integer({ min: 1, max: 40 }),
      more: fc.nat(30),
      usedPart: fc.double({ min: 0, max: 1, noNaN: true }),
      settles: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(arrival, { maxLength: 60 }), async (arrivals) => {
        tenantId = newId('ten');
        const limits = { requestsPerMinute: 7, tokensPerMinute: 120 };
        const passed: { atMs: number; tokens: number }[] = [];
        for (const { afterMs, least, more, usedPart, settles } of arrivals) {
          clock.nowMs += afterMs;
          const answer = await ask({ tenant: limits, least, most: least + more });
          if (answer.outcome !== 'held') continue;
          const { hold } = answer;
          expect(hold.tokens).toBeGreaterThanOrEqual(least);
          const used = settles ? Math.round(hold.tokens * usedPart) : hold.tokens;
          passed.push({ atMs: clock.nowMs, tokens: used });
          if (settles) await counters.settle(hold, used, MONTH);
        }
        for (const { atMs } of passed) {
          const minute = passed.filter((one) => one.atMs >= atMs && one.atMs <= atMs + 60_000);
          expect(minute.length).toBeLessThanOrEqual(limits.requestsPerMinute);
          expect(minute.reduce((sum, { tokens }) => sum + tokens, 0)).toBeLessThanOrEqual(limits.tokensPerMinute);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('have room again after the wait that is told, and not a millisecond before', async () => {
    const arrivals = fc.array(fc.record({ afterMs: fc.nat(9_000), tokens: fc.integer({ min: 1, max: 50 }) }), {
      minLength: 5,
      maxLength: 40,
    });
    await fc.assert(
      fc.asyncProperty(arrivals, async (all) => {
        tenantId = newId('ten');
        const tenant = { requestsPerMinute: 5, tokensPerMinute: 100 };
        for (const { afterMs, tokens } of all) {
          clock.nowMs += afterMs;
          const answer = await ask({ tenant, least: tokens });
          if (answer.outcome !== 'refused') continue;
          const [usage] = answer.usages;
          const waitMs = Math.max(usage?.requestsWaitMs ?? 0, usage?.tokensWaitMs ?? 0);
          expect(waitMs).toBeGreaterThan(0);
          clock.nowMs += waitMs - 1;
          await refused({ tenant, least: tokens });
          clock.nowMs += 1;
          await held({ tenant, least: tokens });
        }
      }),
      { numRuns: 40 },
    );
  });

  it('hold what is free, up to what is wanted, when the caller does not say how much', async () => {
    const tenant = { tokensPerMinute: 100 };
    expect((await held({ tenant, least: 10, most: 70 })).tokens).toBe(70);
    expect((await held({ tenant, least: 10, most: 70 })).tokens).toBe(30);
    await refused({ tenant, least: 1, most: 70 });
  });

  it('have the tokens back that a hold did not use, and owe those that it used beyond', async () => {
    const tenant = { tokensPerMinute: 100 };
    const hold = await held({ tenant, least: 90 });
    await counters.settle(hold, 20, MONTH);
    const second = await held({ tenant, least: 80 });
    await counters.settle(second, 200, MONTH);
    expect(await refused({ tenant, least: 1 })).toMatchObject([{ tokens: 220 }]);
  });

  it('count what a hold used beyond once its own second is past, and forget what it did not use', async () => {
    const tenant = { tokensPerMinute: 100 };
    const [long, short] = [await held({ tenant, least: 10 }), await held({ tenant, least: 10 })];
    clock.nowMs += 62_000;
    await counters.settle(long, 70, MONTH);
    await counters.settle(short, 1, MONTH);
    expect(await counters.look({ tenantId, month: MONTH, levels: [{ limits: tenant }] })).toMatchObject([
      { tokens: 60, tokensResetMs: expect.any(Number) },
    ]);
  });

  it('are told with the time until nothing counts any more', async () => {
    const tenant = { requestsPerMinute: 5, tokensPerMinute: 100 };
    const look = () => counters.look({ tenantId, month: MONTH, levels: [{ limits: tenant }] });
    expect(await look()).toMatchObject([{ requests: 0, tokens: 0, requestsResetMs: 0, tokensResetMs: 0 }]);
    await held({ tenant, least: 30 });
    const [usage] = await look();
    expect(usage).toMatchObject({ requests: 1, tokens: 30, concurrent: 1 });
    clock.nowMs += usage?.requestsResetMs ?? 0;
    expect(await look()).toMatchObject([{ requests: 0, tokens: 0, requestsResetMs: 0, tokensResetMs: 0 }]);
  });

  it('take a bounded place, however many requests come', async () => {
    const tenant = { requestsPerMinute: MANY, tokensPerMinute: MANY };
    for (let request = 0; request < 400; request++) {
      clock.nowMs += 487;
      await counters.settle(await held({ tenant }), 1, MONTH);
    }
    expect(await redis.hlen(`mr:limits:{${tenantId}}:tenant:minute`)).toBeLessThanOrEqual(2 * 61);
    expect(await redis.zcard(`mr:limits:{${tenantId}}:tenant:open`)).toBe(0);
    expect(await redis.pttl(`mr:limits:{${tenantId}}:tenant:minute`)).toBeGreaterThan(0);
  });
});

describe('several levels', () => {
  it('hold a request together or not at all', async () => {
    const asked = { tenant: { requestsPerMinute: 10 }, key: { requestsPerMinute: 2 } };
    await held(asked);
    await held(asked);
    const usages = await refused(asked);
    expect(usages.map(({ requests, concurrent }) => [requests, concurrent])).toEqual([
      [2, 2],
      [2, 2],
    ]);
  });

  it('hold no more tokens than the tightest of them has', async () => {
    const asked = { tenant: { tokensPerMinute: 500 }, key: { tokensPerMonth: 40 }, seed: 10, least: 5, most: 100 };
    expect((await held(asked)).tokens).toBe(30);
  });

  it('never let through more than a limit of many calls at once, by several processes', async () => {
    const connections = Array.from({ length: 4 }, () => new Redis(process.env['TEST_REDIS_URL'] ?? ''));
    const processes = connections.map((connection) => new LimitCounters(connection));
    const asked = { tenant: { requestsPerMinute: 20, tokensPerMinute: MANY }, key: { maxConcurrent: 12 } };
    const answers = await Promise.all(Array.from({ length: 50 }, (_, call) => ask(asked, processes[call % 4])));
    for (const connection of connections) connection.disconnect();
    expect(answers.filter(({ outcome }) => outcome === 'held')).toHaveLength(12);
  });
});

describe('concurrent requests', () => {
  const tenant = { maxConcurrent: 1 };

  it('have a place again as soon as one is settled, and only once for each', async () => {
    const first = await held({ tenant });
    await refused({ tenant });
    await counters.settle(first, 1, MONTH);
    const second = await held({ tenant });
    await counters.settle(first, 1, MONTH);
    await refused({ tenant });
    await counters.settle(second, 1, MONTH);
    await held({ tenant });
  });

  it('keep their place while it is renewed, and lose it when their process has died', async () => {
    const hold = await held({ tenant });
    clock.nowMs += LEASE_MS - 1;
    await counters.renew([hold], MONTH);
    clock.nowMs += LEASE_MS - 1;
    await refused({ tenant });
    clock.nowMs += 1;
    await held({ tenant });
  });

  it('take their place again when Redis has lost it', async () => {
    const hold = await held({ tenant });
    await redis.del(...(await redis.keys(`mr:limits:{${tenantId}}:*`)));
    await counters.renew([hold], MONTH);
    await refused({ tenant });
  });
});

describe('tokens a month', () => {
  const tenant = { tokensPerMonth: 100 };

  it('are asked for where Redis does not know them, and nothing is held', async () => {
    const limits = { ...tenant, requestsPerMinute: 1 };
    expect(await ask({ tenant: limits, least: 10 })).toEqual({ outcome: 'month_unknown' });
    expect((await ask({ tenant: limits, least: 10, seed: 50 })).outcome).toBe('held');
  });

  it('go on from what was used before, and are known from then on', async () => {
    const hold = await held({ tenant, least: 30, seed: 60 });
    expect(await refused({ tenant, least: 20, seed: 0 })).toMatchObject([{ monthTokens: 90 }]);
    await counters.settle(hold, 5, MONTH);
    const answer = await ask({ tenant, least: 20 });
    expect(answer).toMatchObject({ outcome: 'held', usages: [{ monthTokens: 85 }] });
  });

  it('have back what a process held that has died', async () => {
    await held({ tenant, least: 80, seed: 0 });
    clock.nowMs += LEASE_MS;
    expect(await ask({ tenant, least: 80 })).toMatchObject({ outcome: 'held', usages: [{ monthTokens: 80 }] });
  });

  it('count what is under way when they begin anew after a loss', async () => {
    const hold = await held({ tenant, least: 30, seed: 0 });
    await redis.del(`mr:limits:{${tenantId}}:tenant:month:${MONTH}`);
    expect(await ask({ tenant, least: 1 })).toEqual({ outcome: 'month_unknown' });
    const other = await held({ tenant, least: 1, seed: 50 });
    await counters.settle(hold, 10, MONTH);
    await counters.settle(other, 1, MONTH);
    expect(await ask({ tenant, least: 9 })).toMatchObject({ outcome: 'held', usages: [{ monthTokens: 70 }] });
  });

  it('count holds that are restored after everything was lost', async () => {
    const hold = await held({ tenant, least: 30, seed: 0 });
    await redis.del(...(await redis.keys(`mr:limits:{${tenantId}}:*`)));
    await held({ tenant, least: 1, seed: 50 });
    await counters.renew([hold], MONTH);
    await counters.settle(hold, 10, MONTH);
    expect(await ask({ tenant, least: 9 })).toMatchObject({ outcome: 'held', usages: [{ monthTokens: 70 }] });
  });
});
