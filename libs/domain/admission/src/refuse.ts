import type { Limits } from '@millrace/domain/tenancy';
import type { LimitedLevel, LevelName } from './limit-levels.js';
import type { LevelUsage } from './level-usage.js';
import type { RequestCost } from './request-cost.js';

/** Which limit turned a request away. */
export type LimitName = keyof Limits;

/** Why a request is turned away. A new reason does not compile until every mapper names it. */
export type Refusal =
  | { reason: 'rate_limited'; limit: LimitName; message: string; retryAfterMs: number }
  /** Nothing will change that before the month ends or the quota is raised. */
  | { reason: 'quota_exceeded'; limit: LimitName; message: string }
  /** No waiting helps: the request needs more than the limit ever allows. */
  | { reason: 'too_large'; limit: LimitName; message: string };

/** When a request under way ends is not known; a caller who waits for its place asks again after this long. */
const CONCURRENT_RETRY_MS = 1_000;

const WORDS: Readonly<Record<LimitName, string>> = {
  requestsPerMinute: 'requests per minute',
  tokensPerMinute: 'tokens per minute',
  maxConcurrent: 'concurrent requests',
  tokensPerMonth: 'tokens per month',
};

const OWNERS: Readonly<Record<LevelName, string>> = { tenant: 'this tenant', key: 'this API key' };

/** Why no usage, however small, leaves room for the request; undefined where some does. */
export function refuseForever(levels: readonly LimitedLevel[], cost: RequestCost): Refusal | undefined {
  for (const level of levels) {
    const limit = LIMIT_NAMES.find((name) => (level.limits[name] ?? Infinity) < needOf(name, cost));
    if (limit === undefined) continue;
    const message = `${tooLargeBeginning(limit)} ${numbersOf({ level, limit }, needOf(limit, cost))}`;
    return limit === 'tokensPerMonth'
      ? { reason: 'quota_exceeded', limit, message }
      : { reason: 'too_large', limit, message };
  }
  return undefined;
}

/**
 * Why a request has no room now. Of several limits that are reached the one that makes its caller wait longest is
 * told: once that has passed, the request has room if nothing else came. Throws when none is reached.
 */
export function refuse(
  levels: readonly LimitedLevel[],
  usages: readonly LevelUsage[],
  cost: RequestCost,
): Exclude<Refusal, { reason: 'too_large' }> {
  const reached = levels.flatMap((level, index) => reachedLimits(level, usages[index], cost));
  const longest = reached.toSorted((one, other) => other.waitMs - one.waitMs)[0];
  if (longest === undefined) throw new Error('The request was refused although no limit is reached.');
  const { limit, used, waitMs } = longest;
  const numbers = numbersOf(longest, needOf(limit, cost), used);
  if (limit === 'tokensPerMonth') {
    const isUsedUp = used >= (longest.level.limits[limit] ?? Infinity);
    const beginning = isUsedUp
      ? 'The quota of this month is used up.'
      : 'Too little is left of the quota of this month.';
    return { reason: 'quota_exceeded', limit, message: `${beginning} ${numbers}` };
  }
  const message = `Rate limit reached for ${WORDS[limit]}. ${numbers} Please try again in ${inSeconds(waitMs)}.`;
  return { reason: 'rate_limited', limit, message, retryAfterMs: waitMs };
}

interface ReachedLimit {
  level: LimitedLevel;
  limit: LimitName;
  used: number;
  waitMs: number;
}

const LIMIT_NAMES: readonly LimitName[] = ['tokensPerMonth', 'tokensPerMinute', 'requestsPerMinute', 'maxConcurrent'];

function reachedLimits(level: LimitedLevel, usage: LevelUsage | undefined, cost: RequestCost): ReachedLimit[] {
  if (usage === undefined) return [];
  const states: Readonly<Record<LimitName, { used: number; waitMs: number }>> = {
    requestsPerMinute: { used: usage.requests, waitMs: usage.requestsWaitMs },
    tokensPerMinute: { used: usage.tokens, waitMs: usage.tokensWaitMs },
    maxConcurrent: { used: usage.concurrent, waitMs: CONCURRENT_RETRY_MS },
    tokensPerMonth: { used: usage.monthTokens, waitMs: Infinity },
  };
  return LIMIT_NAMES.flatMap((limit) => {
    const { used, waitMs } = states[limit];
    const isReached = used + needOf(limit, cost) > (level.limits[limit] ?? Infinity);
    return isReached ? [{ level, limit, used, waitMs }] : [];
  });
}

function needOf(limit: LimitName, { leastTokens }: RequestCost): number {
  return limit === 'tokensPerMinute' || limit === 'tokensPerMonth' ? leastTokens : 1;
}

function tooLargeBeginning(limit: LimitName): string {
  if (limit === 'tokensPerMonth') return 'The request needs more tokens than the quota of a month has.';
  if (limit === 'tokensPerMinute') {
    return 'Request too large for tokens per minute: shorten the messages or lower max_tokens.';
  }
  return `No request is allowed by the limit of ${WORDS[limit]}.`;
}

function numbersOf({ level, limit }: Pick<ReachedLimit, 'level' | 'limit'>, requested: number, used?: number): string {
  const usedPart = used === undefined ? '' : `, used ${String(used)}`;
  return `Limit of ${OWNERS[level.name]}: ${String(level.limits[limit])}${usedPart}, requested ${String(requested)}.`;
}

function inSeconds(waitMs: number): string {
  return `${(Math.ceil(waitMs / 10) / 100).toFixed(2).replace(/\.?0+$/, '')}s`;
}
