import fc from 'fast-check';
import type { Limits } from '@millrace/domain/tenancy';
import {
  limitedLevels,
  quotaMonth,
  rateLimitHeaders,
  refuse,
  refuseForever,
  unknownRateHeaders,
  type LevelUsage,
  type LimitedLevel,
} from './index.js';

const nothingUsed: LevelUsage = {
  requests: 0,
  tokens: 0,
  concurrent: 0,
  monthTokens: 0,
  requestsWaitMs: 0,
  tokensWaitMs: 0,
  requestsResetMs: 0,
  tokensResetMs: 0,
};

const cost = (leastTokens: number) => ({ leastTokens, mostTokens: leastTokens });
const tenant = (limits: Limits): LimitedLevel => ({ name: 'tenant', limits });
const key = (limits: Limits): LimitedLevel => ({ name: 'key', limits });

describe('the levels of a principal', () => {
  it('are those at which something is limited', () => {
    expect(limitedLevels(undefined)).toEqual([]);
    expect(limitedLevels({ tenant: {}, key: {} })).toEqual([]);
    expect(limitedLevels({ tenant: {}, key: { maxConcurrent: 0 } })).toEqual([key({ maxConcurrent: 0 })]);
    const both = { tenant: { tokensPerMonth: 5 }, key: { requestsPerMinute: 1 } };
    expect(limitedLevels(both)).toEqual([tenant(both.tenant), key(both.key)]);
  });
});

describe('a refusal', () => {
  const full = { ...nothingUsed, requests: 3, tokens: 90, concurrent: 2, requestsWaitMs: 20_000, tokensWaitMs: 5_500 };

  it('names the limit that makes the caller wait longest, with its numbers', () => {
    const levels = [tenant({ tokensPerMinute: 100 }), key({ requestsPerMinute: 3, maxConcurrent: 2 })];
    expect(refuse(levels, [full, full], cost(20))).toEqual({
      reason: 'rate_limited',
      limit: 'requestsPerMinute',
      message:
        'Rate limit reached for requests per minute. Limit of this API key: 3, used 3, requested 1. ' +
        'Please try again in 20s.',
      retryAfterMs: 20_000,
    });
  });

  it('counts only limits that are reached', () => {
    const levels = [tenant({ tokensPerMinute: 100, requestsPerMinute: 4 })];
    expect(refuse(levels, [full], cost(20))).toMatchObject({
      limit: 'tokensPerMinute',
      retryAfterMs: 5_500,
      message: expect.stringContaining(
        'of this tenant: 100, used 90, requested 20. Please try again in 5.5s.',
      ) as string,
    });
  });

  it('asks those who wait for the end of other requests to come again soon', () => {
    expect(refuse([key({ maxConcurrent: 2 })], [full], cost(1))).toMatchObject({
      limit: 'maxConcurrent',
      retryAfterMs: 1_000,
    });
  });

  it('is the quota whenever that is used up: waiting for the others would not help', () => {
    const used = { ...full, monthTokens: 990 };
    const levels = [tenant({ requestsPerMinute: 3, tokensPerMonth: 1_000 })];
    expect(refuse(levels, [used], cost(11))).toEqual({
      reason: 'quota_exceeded',
      limit: 'tokensPerMonth',
      message: 'Too little is left of the quota of this month. Limit of this tenant: 1000, used 990, requested 11.',
    });
    expect(refuse(levels, [{ ...used, monthTokens: 1_000 }], cost(11))).toMatchObject({
      message: 'The quota of this month is used up. Limit of this tenant: 1000, used 1000, requested 11.',
    });
  });

  it('is for ever when the request needs more than a limit allows at all', () => {
    expect(refuseForever([key({ tokensPerMinute: 100 })], cost(101))).toMatchObject({
      reason: 'too_large',
      message: expect.stringMatching(/^Request too large .*: 100, requested 101\.$/) as string,
    });
    expect(refuseForever([tenant({ tokensPerMonth: 100 })], cost(101))).toMatchObject({ reason: 'quota_exceeded' });
    for (const limits of [{ requestsPerMinute: 0 }, { maxConcurrent: 0 }]) {
      expect(refuseForever([key(limits)], cost(1))).toMatchObject({ reason: 'too_large' });
    }
    expect(refuseForever([key({ tokensPerMinute: 100, tokensPerMonth: 100 })], cost(100))).toBeUndefined();
  });

  it('never lets a caller come back before all its limits have room', () => {
    const level = fc.record({
      requests: fc.integer({ min: 1, max: 9 }),
      tokens: fc.integer({ min: 1, max: 99 }),
      requestsWaitMs: fc.integer({ min: 1, max: 61_000 }),
      tokensWaitMs: fc.integer({ min: 1, max: 61_000 }),
    });
    fc.assert(
      fc.property(fc.tuple(level, level), fc.integer({ min: 1, max: 50 }), (both, leastTokens) => {
        const limits = { requestsPerMinute: 5, tokensPerMinute: 60 };
        const usages = both.map((usage) => ({ ...nothingUsed, ...usage }));
        const waits = usages.flatMap(({ requests, tokens, requestsWaitMs, tokensWaitMs }) => [
          ...(requests >= 5 ? [requestsWaitMs] : []),
          ...(tokens + leastTokens > 60 ? [tokensWaitMs] : []),
        ]);
        fc.pre(waits.length > 0);
        const refusal = refuse([tenant(limits), key(limits)], usages, cost(leastTokens));
        expect(refusal).toMatchObject({ reason: 'rate_limited', retryAfterMs: Math.max(...waits) });
      }),
    );
  });

  it('without a limit that is reached is a defect', () => {
    expect(() => refuse([key({ requestsPerMinute: 5 })], [nothingUsed], cost(1))).toThrow('no limit is reached');
  });
});

describe('the headers of an answer', () => {
  it('say of each kind what the level with the least room says', () => {
    const levels = [tenant({ requestsPerMinute: 100, tokensPerMinute: 500 }), key({ requestsPerMinute: 10 })];
    const usages = [
      { ...nothingUsed, requests: 40, tokens: 450, requestsResetMs: 60_500, tokensResetMs: 360_000 },
      { ...nothingUsed, requests: 9, tokens: 450, requestsResetMs: 250 },
    ];
    expect(rateLimitHeaders(levels, usages)).toEqual({
      'x-ratelimit-limit-requests': '10',
      'x-ratelimit-remaining-requests': '1',
      'x-ratelimit-reset-requests': '250ms',
      'x-ratelimit-limit-tokens': '500',
      'x-ratelimit-remaining-tokens': '50',
      'x-ratelimit-reset-tokens': '6m0s',
    });
  });

  it('never say that less than nothing is left', () => {
    const used = { ...nothingUsed, tokens: 700, tokensResetMs: 1_500 };
    expect(rateLimitHeaders([key({ tokensPerMinute: 500 })], [used])).toMatchObject({
      'x-ratelimit-remaining-tokens': '0',
      'x-ratelimit-reset-tokens': '1.5s',
    });
  });

  it('say the largest number and no time where nothing is limited', () => {
    const headers = rateLimitHeaders([], []);
    for (const kind of ['requests', 'tokens'] as const) {
      expect(headers[`x-ratelimit-limit-${kind}`]).toBe('2147483647');
      expect(headers[`x-ratelimit-remaining-${kind}`]).toBe('2147483647');
      expect(headers[`x-ratelimit-reset-${kind}`]).toBe('0s');
    }
  });

  it('say that nothing is to be had for the time being when nobody knows what is used', () => {
    expect(unknownRateHeaders([key({ requestsPerMinute: 9 })], 2_000)).toMatchObject({
      'x-ratelimit-limit-requests': '9',
      'x-ratelimit-remaining-requests': '0',
      'x-ratelimit-reset-requests': '2s',
      'x-ratelimit-remaining-tokens': '2147483647',
    });
  });
});

describe('the month of a quota', () => {
  it.each([
    ['2026-11-25T17:00:00Z', '2026-11', ['2026-11-01', '2026-12-01']],
    ['2026-12-31T23:59:59.999Z', '2026-12', ['2026-12-01', '2027-01-01']],
    ['2027-01-01T00:00:00Z', '2027-01', ['2027-01-01', '2027-02-01']],
  ])('at %s is %s', (now, name, days) => {
    const [startMs, endMs] = days.map((day) => Date.parse(`${day}T00:00:00Z`));
    expect(quotaMonth(Date.parse(now))).toEqual({ name, startMs, endMs });
  });
});
