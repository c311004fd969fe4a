import type { ApiKey, ApiKeyStore, NewApiKey, StoredSecret, WriteBy } from '@millrace/adapters/postgres';
import { hashSecret, secretPrefix, type ApiKeyKind } from '@millrace/domain/tenancy';
import { newSecret } from '@millrace/platform/ids';
import type { ApiKeyOnWire, IssuedApiKey } from './api-keys-schema.js';
import { found, written } from './write-outcome.js';

export interface ApiKeyIssuerOptions {
  keys: ApiKeyStore;
  /** The secret that keys are hashed with. */
  pepper: string;
  nowMs: () => number;
}

/** Makes the secrets of API keys and hands each out once; stores see hashes only. */
export class ApiKeyIssuer {
  constructor(private readonly options: ApiKeyIssuerOptions) {}

  /** Throws ApiError when the key cannot be made. */
  async create(tenantId: string, draft: Omit<NewApiKey, keyof StoredSecret>, by: WriteBy): Promise<IssuedApiKey> {
    const { secret, stored } = this.newSecret(draft.kind);
    const outcome = await this.options.keys.create(tenantId, { ...draft, ...stored }, by.actor);
    return { ...apiKeyOnWire(written(outcome, { resource: 'API key', id: draft.name })), secret };
  }

  /** Throws ApiError when there is no such key or it may not be rotated. */
  async rotate(
    tenantId: string,
    id: string,
    { overlapSeconds, by }: { overlapSeconds: number; by: WriteBy },
  ): Promise<IssuedApiKey> {
    const { keys, nowMs } = this.options;
    const named = { resource: 'API key', id };
    const { kind } = found(await keys.get(tenantId, id), named);
    const { secret, stored } = this.newSecret(kind);
    const previousExpiresAt = new Date(nowMs() + overlapSeconds * 1_000);
    const outcome = await keys.rotate(tenantId, id, { secret: stored, previousExpiresAt, by });
    return { ...apiKeyOnWire(written(outcome, named)), secret };
  }

  private newSecret(kind: ApiKeyKind): { secret: string; stored: StoredSecret } {
    const secret = newSecret(kind);
    return { secret, stored: { prefix: secretPrefix(secret), secretHash: hashSecret(this.options.pepper, secret) } };
  }
}

/** A key as it goes over HTTP. */
export function apiKeyOnWire(key: ApiKey): ApiKeyOnWire {
  const { createdAt, expiresAt, previousSecretExpiresAt, lastUsedAt } = key;
  return {
    ...key,
    createdAt: createdAt.toISOString(),
    expiresAt: expiresAt?.toISOString() ?? null,
    previousSecretExpiresAt: previousSecretExpiresAt?.toISOString() ?? null,
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
  };
}
