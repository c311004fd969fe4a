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
import type { KeysChange } from '../stores/change-message.js';
import { RememberedRows } from '../stores/remembered-rows.js';
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

const MOST_KEYS = 10_000;

const bearer = /^bearer +(\S+) *$/i;

/**
 * Finds out who a request acts as. Keys are cached in this process; each is looked up once at a time.
 * When Postgres is away, keys seen before go on working and unknown ones get 503.
 */
export class ApiKeyAuthenticator {
  private readonly records: RememberedRows<ApiKeyRecord>;

  constructor(private readonly options: AuthenticatorOptions) {
    const { nowMs, logger } = options;
    this.records = new RememberedRows({ storeName: 'key store', most: MOST_KEYS, nowMs, logger });
  }

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

  /** Keys were changed: what is remembered of them may not serve again. A change that names none is one of all keys. */
  forgetKeys({ keyIds, tenantId }: KeysChange = {}): void {
    if (keyIds === undefined && tenantId === undefined) this.records.forget();
    else this.records.forget({ where: (key) => key.tenantId === tenantId || keyIds?.includes(key.keyId) === true });
  }

  /** Changes may have been missed: every key is looked up again before it serves, while that is possible. */
  distrustKeys(): void {
    this.records.distrust();
  }

  private findRecord(hash: string): Promise<ApiKeyRecord | undefined> {
    return this.records.find(hash, () => this.options.keys.findApiKey(hash));
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
