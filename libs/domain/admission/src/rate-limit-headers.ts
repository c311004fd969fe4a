import { goDuration } from './go-duration.js';
import type { LevelUsage } from './level-usage.js';
import type { LimitedLevel } from './limit-levels.js';

/** What OpenAI's clients read of the two limits a minute. */
export type RateLimitHeaders = Readonly<Record<`x-ratelimit-${'limit' | 'remaining' | 'reset'}-${Kind}`, string>>;

type Kind = 'requests' | 'tokens';

/** What is told where nothing is limited: the largest number that every client can read. */
const UNLIMITED = 2_147_483_647;
const LIMITS = { requests: 'requestsPerMinute', tokens: 'tokensPerMinute' } as const;
const RESETS = { requests: 'requestsResetMs', tokens: 'tokensResetMs' } as const;

interface Rate {
  limit: number;
  remaining: number;
  resetMs: number;
}

/** What a caller may know of its limits a minute: of each kind those of the level with the least room. */
export function rateLimitHeaders(levels: readonly LimitedLevel[], usages: readonly LevelUsage[]): RateLimitHeaders {
  const rates = (kind: Kind): Rate[] =>
    levels.flatMap((level, index) => {
      const limit = level.limits[LIMITS[kind]];
      const usage = usages[index];
      if (limit === undefined || usage === undefined) return [];
      return [{ limit, remaining: Math.max(0, limit - usage[kind]), resetMs: usage[RESETS[kind]] }];
    });
  return headersOf(tightest(rates('requests')), tightest(rates('tokens')));
}

/** As rateLimitHeaders while nobody can tell what is used: nothing is to be had until `retryMs` have passed. */
export function unknownRateHeaders(levels: readonly LimitedLevel[], retryMs: number): RateLimitHeaders {
  const rates = (kind: Kind): Rate[] =>
    levels.flatMap(({ limits }) => {
      const limit = limits[LIMITS[kind]];
      return limit === undefined ? [] : [{ limit, remaining: 0, resetMs: retryMs }];
    });
  return headersOf(tightest(rates('requests')), tightest(rates('tokens')));
}

function tightest(rates: readonly Rate[]): Rate {
  const byRoom = rates.toSorted((one, other) => one.remaining - other.remaining || other.resetMs - one.resetMs);
  return byRoom[0] ?? { limit: UNLIMITED, remaining: UNLIMITED, resetMs: 0 };
}

function headersOf(requests: Rate, tokens: Rate): RateLimitHeaders {
  return {
    'x-ratelimit-limit-requests': String(requests.limit),
    'x-ratelimit-remaining-requests': String(requests.remaining),
    'x-ratelimit-reset-requests': goDuration(requests.resetMs),
    'x-ratelimit-limit-tokens': String(tokens.limit),
    'x-ratelimit-remaining-tokens': String(tokens.remaining),
    'x-ratelimit-reset-tokens': goDuration(tokens.resetMs),
  };
}
