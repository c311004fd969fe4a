import type { ApiKey, ApiKeyChanges, ApiKeyStore, NewApiKey, WriteBy } from '@millrace/adapters/postgres';
import { storedSecret, type StoredSecret } from '@millrace/domain/tenancy';
import { newSecret } from '@millrace/platform/ids';
import type { ChangeAnnouncer } from '../stores/announce-changes.js';
import type { ApiKeyOnWire, IssuedApiKey } from './api-keys-schema.js';
import { found, written } from './write-outcome.js';

export interface ApiKeyAdministratorOptions {
  keys: ApiKeyStore;
  announcer: Pick<ChangeAnnouncer, 'keysChanged'>;
  /** The secret that keys are hashed with. */
  pepper: string;
  nowMs: () => number;
}

/**
 * Writes API keys, of tenants and of agents alike: every API process hears of a change once it is made, and each secret
 * is handed out once. Every method throws ApiError when there is no such key or it may not be done.
 */
export class ApiKeyAdministrator {
  constructor(private readonly options: ApiKeyAdministratorOptions) {}

  async create(tenantId: string, draft: Omit<NewApiKey, keyof StoredSecret>, by: WriteBy): Promise<IssuedApiKey> {
    const { keys, pepper } = this.options;
    const secret = newSecret(draft.kind);
    const outcome = await keys.create(tenantId, { ...draft, ...storedSecret(pepper, secret) }, by.actor);
    return { ...apiKeyOnWire(written(outcome, named(draft.name))), secret };
  }

  async change(tenantId: string, id: string, changes: ApiKeyChanges & { by: WriteBy }): Promise<ApiKeyOnWire> {
    const key = written(await this.options.keys.change(tenantId, id, changes), named(id));
    await this.announce(id);
    return apiKeyOnWire(key);
  }

  async rotate(
    tenantId: string,
    id: string,
    { overlapSeconds, by }: { overlapSeconds: number; by: WriteBy },
  ): Promise<IssuedApiKey> {
    const { keys, pepper, nowMs } = this.options;
    const { kind } = found(await keys.get(tenantId, id), named(id));
    const secret = newSecret(kind);
    const previousExpiresAt = new Date(nowMs() + overlapSeconds * 1_000);
    const outcome = await keys.rotate(tenantId, id, { secret: storedSecret(pepper, secret), previousExpiresAt, by });
    const key = written(outcome, named(id));
    await this.announce(id);
    return { ...apiKeyOnWire(key), secret };
  }

  async delete(tenantId: string, id: string, by: WriteBy): Promise<void> {
    written(await this.options.keys.delete(tenantId, id, by), named(id));
    await this.announce(id);
  }

  private async announce(keyId: string): Promise<void> {
    await this.options.announcer.keysChanged({ keyIds: [keyId] });
  }
}

function named(id: string) {
  return { resource: 'API key', id };
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
