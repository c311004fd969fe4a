import type { Redis, Result } from 'ioredis';
import type { LevelUsage } from '@millrace/domain/admission';
import type { Limits } from '@millrace/domain/tenancy';
import { levelKeys, type LevelKeys } from './limit-keys.js';
import { HOLD_SCRIPT, RENEW_SCRIPT, SETTLE_SCRIPT } from './scripts.js';

/** A hold that is not renewed for this long was made by a process that has died. */
export const LEASE_MS = 20_000;
/** A counter of a month that nobody asks for is forgotten after this long, and begun again from what Postgres knows. */
const IDLE_MONTH_MS = 300_000;
/** Holds that one script renews: Redis serves nobody else meanwhile. */
const RENEWED_AT_ONCE = 500;
const NOT_LIMITED = -1;
const NOT_ASKED = -1;

/** One level whose limits are checked. */
export interface CountedLevel {
  /** Left out for the tenant as a whole. */
  readonly keyId?: string;
  readonly limits: Limits;
  /** Tokens of this month as Postgres knows them; only used where Redis has no counter. */
  readonly usedThisMonth?: number;
}

/** What is to be held. */
export interface HoldRequest {
  tenantId: string;
  /** `2026-11`. */
  month: string;
  levels: readonly CountedLevel[];
  requestId: string;
  /** Tokens that must be free at every level. */
  leastTokens: number;
  /** Tokens to hold where so many are free, else all that are. */
  mostTokens: number;
}

/** What is held for one request under way, at every level of it. */
export interface Hold {
  readonly requestId: string;
  readonly tokens: number;
  /** In which it was made, by the clock of Redis. */
  readonly second: number;
  readonly tenantId: string;
  /** One for each level; undefined for the tenant as a whole. */
  readonly keyIds: readonly (string | undefined)[];
}

/** Usages are by level, in the order asked; after a hold they contain it. */
export type HoldAnswer =
  | { outcome: 'held'; hold: Hold; usages: LevelUsage[] }
  | { outcome: 'refused'; usages: LevelUsage[] }
  /** A level has a quota and Redis no counter of it: ask again with `usedThisMonth`. Nothing is held. */
  | { outcome: 'month_unknown' };

type Arguments = (string | number)[];

declare module 'ioredis' {
  interface RedisCommander<Context> {
    holdLimits(keyCount: number, ...keysAndArguments: Arguments): Result<number[], Context>;
    settleLimits(keyCount: number, ...keysAndArguments: Arguments): Result<null, Context>;
    renewLimits(keyCount: number, ...keysAndArguments: Arguments): Result<null, Context>;
  }
}

/**
 * Counts what tenants and keys use of their limits, in Redis, for all API processes together. Every call is one round
 * trip and one atomic script; when Redis is away it fails within the connection's time-out.
 */
export class LimitCounters {
  /**
   * @param redis must fail fast: no offline queue, one retry per request
   * @param nowMs left out, the clock of Redis counts, which all processes share
   */
  constructor(
    private readonly redis: Redis,
    private readonly nowMs: () => number | '' = () => '',
  ) {
    redis.defineCommand('holdLimits', { lua: HOLD_SCRIPT });
    redis.defineCommand('settleLimits', { lua: SETTLE_SCRIPT });
    redis.defineCommand('renewLimits', { lua: RENEW_SCRIPT });
  }

  /** Holds a request at all levels, or at none. */
  async hold(request: HoldRequest): Promise<HoldAnswer> {
    const { tenantId, requestId, leastTokens, mostTokens } = request;
    const keyIds = request.levels.map(({ keyId }) => keyId);
    const keys = keysOf({ tenantId, keyIds }, request.month);
    const [outcome, tokens = 0, second = 0, ...numbers] = await this.redis.holdLimits(
      keys.length * KEYS_A_LEVEL,
      ...keys.flatMap(asList),
      ...[this.nowMs(), requestId, leastTokens, mostTokens, LEASE_MS, IDLE_MONTH_MS],
      ...request.levels.flatMap(limitsAsList),
    );
    if (outcome === 2) return { outcome: 'month_unknown' };
    const usages = readUsages(numbers);
    if (outcome === 0) return { outcome: 'refused', usages };
    return { outcome: 'held', hold: { requestId, tokens, second, tenantId, keyIds }, usages };
  }

  /** What is used at each level of what is limited by the minute; nothing is held. */
  async look({ tenantId, month, levels }: Pick<HoldRequest, 'tenantId' | 'month' | 'levels'>): Promise<LevelUsage[]> {
    const keys = keysOf({ tenantId, keyIds: levels.map(({ keyId }) => keyId) }, month);
    const [, , , ...numbers] = await this.redis.holdLimits(
      keys.length * KEYS_A_LEVEL,
      ...keys.flatMap(asList),
      ...[this.nowMs(), '', 0, 0, LEASE_MS, IDLE_MONTH_MS],
      ...levels.flatMap(({ limits: { tokensPerMonth: _, ...limits } }) => limitsAsList({ limits })),
    );
    return readUsages(numbers);
  }

  /** Replaces a hold by what was used, in the month in which it was. Settling twice is harmless. */
  async settle(hold: Hold, usedTokens: number, month: string): Promise<void> {
    const { requestId, tokens, second } = hold;
    const keys = keysOf(hold, month);
    await this.redis.settleLimits(
      keys.length * KEYS_A_LEVEL,
      ...keys.flatMap(asList),
      ...[this.nowMs(), requestId, tokens, usedTokens, second],
    );
  }

  /** Keeps holds from expiring, all in one round trip; to be called well within LEASE_MS. */
  async renew(holds: Iterable<Hold>, month: string): Promise<void> {
    const byLevel = new Map<string, { keys: LevelKeys; members: string[] }>();
    for (const hold of holds) {
      for (const keys of keysOf(hold, month)) {
        const level = byLevel.get(keys.open) ?? { keys, members: [] };
        level.members.push(`${hold.requestId}|${String(hold.tokens)}`);
        byLevel.set(keys.open, level);
      }
    }
    if (byLevel.size === 0) return;
    const pipeline = this.redis.pipeline();
    for (const { keys, members } of byLevel.values()) {
      for (let start = 0; start < members.length; start += RENEWED_AT_ONCE) {
        const part = members.slice(start, start + RENEWED_AT_ONCE);
        pipeline.renewLimits(2, keys.open, keys.month, this.nowMs(), LEASE_MS, IDLE_MONTH_MS, ...part);
      }
    }
    for (const [error] of (await pipeline.exec()) ?? []) if (error) throw error;
  }
}

const KEYS_A_LEVEL = 3;

function keysOf({ tenantId, keyIds }: Pick<Hold, 'tenantId' | 'keyIds'>, month: string): LevelKeys[] {
  return keyIds.map((keyId) => levelKeys(tenantId, keyId, month));
}

function asList({ minute, open, month }: LevelKeys): string[] {
  return [minute, open, month];
}

function limitsAsList({ limits, usedThisMonth }: CountedLevel): number[] {
  const { requestsPerMinute, tokensPerMinute, maxConcurrent, tokensPerMonth } = limits;
  const set = [requestsPerMinute, tokensPerMinute, maxConcurrent, tokensPerMonth];
  return [...set.map((limit) => limit ?? NOT_LIMITED), usedThisMonth ?? NOT_ASKED];
}

const NUMBERS_A_LEVEL = 8;

function readUsages(numbers: readonly number[]): LevelUsage[] {
  return Array.from({ length: numbers.length / NUMBERS_A_LEVEL }, (_, level) => {
    const own = numbers.slice(level * NUMBERS_A_LEVEL, (level + 1) * NUMBERS_A_LEVEL);
    const [requests = 0, tokens = 0, concurrent = 0, monthTokens = 0, ...times] = own;
    const [requestsWaitMs = 0, tokensWaitMs = 0, requestsResetMs = 0, tokensResetMs = 0] = times;
    return {
      ...{ requests, tokens, concurrent, monthTokens },
      ...{ requestsWaitMs, tokensWaitMs, requestsResetMs, tokensResetMs },
    };
  });
}
