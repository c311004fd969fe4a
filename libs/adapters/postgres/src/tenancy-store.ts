import { newId } from '@millrace/platform/ids';
import type { DataSource } from 'typeorm';

export type ApiKeyKind = 'operator' | 'tenant-admin' | 'inference' | 'agent';

/** What a request's key says about its sender. */
export interface ApiKeyRecord {
  keyId: string;
  tenantId: string;
  kind: ApiKeyKind;
  disabled: boolean;
  tenantDisabled: boolean;
  /** Left out: does not expire. */
  expiresAtMs?: number;
  /** Names of models; left out: all. */
  allowedModels?: string[];
}

/** A key to store. The secret itself never reaches the store. */
export interface ApiKeyDraft {
  kind: ApiKeyKind;
  name: string;
  /** The visible part of the secret. */
  prefix: string;
  /** `hashSecret` of the secret. */
  secretHash: string;
}

interface ApiKeyRow {
  id: string;
  tenant_id: string;
  kind: ApiKeyKind;
  disabled: boolean;
  tenant_disabled: boolean;
  expires_at: Date | null;
  allowed_models: string[] | null;
}

/** Tenants and their API keys. */
export class TenancyStore {
  constructor(private readonly dataSource: DataSource) {}

  /** The one lookup across tenants: the hash of a secret names its tenant. */
  async findApiKey(secretHash: string): Promise<ApiKeyRecord | undefined> {
    const [row] = await this.dataSource.query<ApiKeyRow[]>(
      `SELECT k.id, k.tenant_id, k.kind, k.disabled, t.disabled AS tenant_disabled, k.expires_at, k.allowed_models
       FROM api_keys k JOIN tenants t ON t.id = k.tenant_id
       WHERE k.secret_hash = $1`,
      [secretHash],
    );
    return row && toApiKeyRecord(row);
  }

  /** The id of the tenant with this name, made if there is none. */
  async ensureTenant(name: string): Promise<string> {
    const [row] = await this.dataSource.query<[{ id: string }]>(
      `INSERT INTO tenants (id, name) VALUES ($1, $2)
       ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING id`,
      [newId('ten'), name],
    );
    return row.id;
  }

  /**
   * The id of the tenant's key with this hash, made if there is none; an existing one is left as it is.
   * Throws when another tenant has a key with this hash.
   */
  async ensureApiKey(tenantId: string, key: ApiKeyDraft): Promise<string> {
    await this.dataSource.query(
      `INSERT INTO api_keys (id, tenant_id, kind, name, prefix, secret_hash)
       VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (secret_hash) DO NOTHING`,
      [newId('key'), tenantId, key.kind, key.name, key.prefix, key.secretHash],
    );
    const [row] = await this.dataSource.query<{ id: string }[]>(
      'SELECT id FROM api_keys WHERE tenant_id = $1 AND secret_hash = $2',
      [tenantId, key.secretHash],
    );
    if (row === undefined) throw new Error(`The API key ${key.prefix}… belongs to another tenant: create a new one.`);
    return row.id;
  }
}

function toApiKeyRecord(row: ApiKeyRow): ApiKeyRecord {
  return {
    keyId: row.id,
    tenantId: row.tenant_id,
    kind: row.kind,
    disabled: row.disabled,
    tenantDisabled: row.tenant_disabled,
    ...(row.expires_at && { expiresAtMs: row.expires_at.getTime() }),
    ...(row.allowed_models && { allowedModels: row.allowed_models }),
  };
}
