import type { Logger } from '@millrace/platform/observability';
import { ApiError } from '../http/api-error.js';
import { RowCache, type RowsChange } from './row-cache.js';

export interface RememberedRowsOptions {
  /** What a caller is told to be out of reach, like `key store`; never a host. */
  storeName: string;
  /** Rows that are remembered at once. */
  most: number;
  nowMs: () => number;
  logger: Logger;
}

/** Longer than a healthy lookup, short enough for a caller to wait. */
const LOOKUP_TIMEOUT_MS = 2_000;
/** How long a row whose lookup failed serves before the next lookup. */
const SERVE_STALE_MS = 5_000;
const RETRY_AFTER_MS = 2_000;

/**
 * Rows of Postgres that this process looks up one by one and remembers, also those that do not exist. Each is looked
 * up once at a time, for all who ask. While Postgres is away, rows seen before go on serving.
 */
export class RememberedRows<Row> {
  private readonly cache: RowCache<Row>;
  private readonly lookups = new Map<string, Promise<Row | undefined>>();
  /** Grows whenever rows change, so that a lookup that began before is not remembered. */
  private changes = 0;

  constructor(private readonly options: RememberedRowsOptions) {
    this.cache = new RowCache(options.most);
  }

  /** The row with that key, by `lookUp` where it is not remembered. Throws ApiError when it is out of reach and unknown. */
  async find(key: string, lookUp: () => Promise<Row | undefined>): Promise<Row | undefined> {
    const { nowMs, logger, storeName } = this.options;
    const cached = this.cache.get(key);
    if (cached !== undefined && nowMs() < cached.freshUntilMs) return cached.row;
    const changes = this.changes;
    try {
      return await this.lookUpOnce(key, lookUp);
    } catch (error) {
      if (cached?.row === undefined || !this.cache.get(key)) {
        throw new ApiError({ kind: 'out_of_reach', what: storeName, retryAfterMs: RETRY_AFTER_MS }, { cause: error });
      }
      logger.warn({ err: error }, `the ${storeName} is out of reach; what is remembered still serves`);
      if (changes === this.changes) this.cache.extend(key, nowMs() + SERVE_STALE_MS);
      return cached.row;
    }
  }

  /** Rows were changed: what is remembered of them may not serve again. */
  forget(change: RowsChange<Row> = {}): void {
    this.changes += 1;
    this.lookups.clear();
    this.cache.forget(change);
  }

  /** Changes may have been missed: every row is looked up again before it serves, while that is possible. */
  distrust(): void {
    this.changes += 1;
    this.lookups.clear();
    this.cache.expireAll();
  }

  /** One lookup for all who ask for the same row at the same time. */
  private lookUpOnce(key: string, lookUp: () => Promise<Row | undefined>): Promise<Row | undefined> {
    const running = this.lookups.get(key);
    if (running !== undefined) return running;
    const lookup = this.remember(key, lookUp).finally(() => {
      if (this.lookups.get(key) === lookup) this.lookups.delete(key);
    });
    this.lookups.set(key, lookup);
    return lookup;
  }

  private async remember(key: string, lookUp: () => Promise<Row | undefined>): Promise<Row | undefined> {
    const changes = this.changes;
    const row = await withTimeout(lookUp(), `the ${this.options.storeName} did not answer in time`);
    if (changes === this.changes) this.cache.put(key, row, this.options.nowMs());
    return row;
  }
}

async function withTimeout<T>(work: Promise<T>, complaint: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(complaint)), LOOKUP_TIMEOUT_MS);
  });
  return Promise.race([work, timeout]).finally(() => clearTimeout(timer));
}
