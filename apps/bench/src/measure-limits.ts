import { Redis } from 'ioredis';
import { LimitCounters } from '@millrace/adapters/limits';
import { newId } from '@millrace/platform/ids';
import type { Millrace } from './installation/start-millrace.js';
import { median } from './report/median-values.js';

const CHECKS = 2_000;
const MONTH = '2026-01';
/** Nobody reaches them, and all four are counted. */
const LIMITS = { requestsPerMinute: 1e9, tokensPerMinute: 1e12, maxConcurrent: 1e6, tokensPerMonth: 1e15 };

/** Milliseconds, p50, to hold a request at the four limits of its tenant and of its key, as each call of theirs does. */
export async function measureLimits({ redisUrl }: Millrace): Promise<number> {
  const redis = new Redis(redisUrl);
  const counters = new LimitCounters(redis);
  const tenantId = newId('ten');
  const levels = [{ limits: LIMITS }, { limits: LIMITS, keyId: newId('key') }];
  const seeded = levels.map((level) => ({ ...level, usedThisMonth: 0 }));
  const took: number[] = [];
  try {
    for (let check = 0; check < CHECKS; check += 1) {
      const requestId = newId('req');
      const beganAtMs = performance.now();
      const answer = await counters.hold({
        ...{ tenantId, month: MONTH, levels: seeded, requestId, leastTokens: 100, mostTokens: 100 },
      });
      took.push(performance.now() - beganAtMs);
      if (answer.outcome !== 'held') throw new Error(`The limits of the bench are reached: ${answer.outcome}.`);
      await counters.settle(answer.hold, 64, MONTH);
    }
    return median(took);
  } finally {
    redis.disconnect();
  }
}
