import {
  hashSecret,
  judgeKey,
  secretPrefix,
  type ApiKeyRecord,
  type KeyVerdict,
  type Principal,
} from '@millrace/domain/tenancy';
import type { Logger } from '@millrace/platform/observability';
import { ApiError } from '../http/api-error.js';
import { KeyCache } from './key-cache.js';
import type { KeyUse } from './key-use.js';

/** Where keys come from. Implemented by KeyLookups. */
export interface KeySource {
  findApiKey(secretHash: string): Promise<ApiKeyRecord | undefined>;
}

export interface AuthenticatorOptions {
  keys: KeySource;
  /** The secret that keys are hashed with. */
  pepper: string;
  nowMs: () => number;
  /** Hears of every request that a key is accepted for. */
  use: Pick<KeyUse, 'note'>;
  logger: Logger;
}

/** Longer than a healthy lookup, short enough for a caller to wait. */
const LOOKUP_TIMEOUT_MS = 2_000;
/** How long a key whose lookup failed serves before the next lookup. */
const SERVE_STALE_MS = 5_000;
const RETRY_AFTER_MS = 2_000;

const bearer = /^bearer +(\S+) *$/i;

/**
 * Finds out who a request acts as. Keys are cached in this process; each is looked up once at a time.
 * When Postgres is away, keys seen before go on working and unknown ones get 503.
 */
export class ApiKeyAuthenticator {
  private readonly cache = new KeyCache();
  private readonly lookups = new Map<string, Promise<ApiKeyRecord | undefined>>();
  /** Grows whenever keys change, so that a lookup that began before is not cached. */
  private changes = 0;

  constructor(private readonly options: AuthenticatorOptions) {}

  /** Who is calling. Takes the Authorization header; throws ApiError when it names no key that may act now. */
  async authenticate(authorization: string | undefined): Promise<Principal> {
    const secret = readSecret(authorization);
    const visible = secretPrefix(secret);
    // What has not the form of a key is none, and needs no lookup.
    const record = visible === '' ? undefined : await this.findRecord(hashSecret(this.options.pepper, secret));
    const nowMs = this.options.nowMs();
    const principal = acceptKey(judgeKey(record, nowMs), visible);
    this.options.use.note(principal.keyId, nowMs);
    return principal;
  }

  /** Keys were changed: nothing cached may serve again. */
  forgetKeys(): void {
    this.changes += 1;
    this.lookups.clear();
    this.cache.clear();
  }

  /** Changes may have been missed: every key is looked up again before it serves, while that is possible. */
  distrustKeys(): void {
    this.changes += 1;
    this.lookups.clear();
    this.cache.expireAll();
  }

  private async findRecord(hash: string): Promise<ApiKeyRecord | undefined> {
    const cached = this.cache.get(hash);
    const nowMs = this.options.nowMs();
    if (cached !== undefined && nowMs < cached.freshUntilMs) return cached.record;
    const changes = this.changes;
    try {
      return await this.lookUp(hash);
    } catch (error) {
      if (cached?.record === undefined || !this.cache.get(hash)) throw outOfReach(error);
      this.options.logger.warn(
        { err: error, keyId: cached.record.keyId },
        'a key could not be looked up; it still serves',
      );
      if (changes === this.changes) this.cache.extend(hash, this.options.nowMs() + SERVE_STALE_MS);
      return cached.record;
    }
  }

  /** One query for all who ask for the same key at the same time. */
  private lookUp(hash: string): Promise<ApiKeyRecord | undefined> {
    const running = this.lookups.get(hash);
    if (running !== undefined) return running;
    const lookup = this.query(hash).finally(() => {
      if (this.lookups.get(hash) === lookup) this.lookups.delete(hash);
    });
    this.lookups.set(hash, lookup);
    return lookup;
  }

  private async query(hash: string): Promise<ApiKeyRecord | undefined> {
    const changes = this.changes;
    const record = await withTimeout(this.options.keys.findApiKey(hash));
    if (changes === this.changes) this.cache.put(hash, record, this.options.nowMs());
    return record;
  }
}

function readSecret(authorization: string | undefined): string {
  if (authorization === undefined || authorization.trim() === '') throw new ApiError({ kind: 'missing_key' });
  const secret = bearer.exec(authorization)?.[1];
  if (secret !== undefined) return secret;
  const empty = /^bearer *$/i.test(authorization);
  throw new ApiError(empty ? { kind: 'missing_key' } : { kind: 'refused_key', reason: 'unknown', visible: '' });
}

function acceptKey(verdict: KeyVerdict, visible: string): Principal {
  if (verdict.outcome === 'accepted') return verdict.principal;
  if (verdict.reason === 'tenant_disabled') throw new ApiError({ kind: 'tenant_disabled' });
  throw new ApiError({ kind: 'refused_key', reason: verdict.reason, visible });
}

function outOfReach(cause: unknown): ApiError {
  return new ApiError({ kind: 'out_of_reach', what: 'key store', retryAfterMs: RETRY_AFTER_MS }, { cause });
}

async function withTimeout<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the key store did not answer in time')), LOOKUP_TIMEOUT_MS);
  });
  return Promise.race([work, timeout]).finally(() => clearTimeout(timer));
}
