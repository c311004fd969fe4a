import type { ApiKeyKind, ApiKeyRecord, Limits, StoredSecret } from '@millrace/domain/tenancy';
import { newId } from '@millrace/platform/ids';
import type { DataSource, EntityManager } from 'typeorm';
import { recordChange, type Actor } from './audit-log.js';

/** A key to store. The secret itself never reaches the store. */
export interface ApiKeyDraft extends StoredSecret {
  kind: ApiKeyKind;
  /** What a key of the kind `agent` acts as. */
  agentId?: string;
  name: string;
}

interface ApiKeyRow {
  secret_hash: string;
  id: string;
  tenant_id: string;
  kind: ApiKeyKind;
  agent_id: string | null;
  disabled: boolean;
  tenant_disabled: boolean;
  expires_at: Date | null;
  allowed_models: string[] | null;
  tenant_allowed_models: string[] | null;
  limits: Limits;
  tenant_limits: Limits;
}

/** Columns of limits as one JSON object without those that do not limit. */
const limitsOf = (table: string): string =>
  `jsonb_strip_nulls(jsonb_build_object(
    'requestsPerMinute', ${table}.requests_per_minute, 'tokensPerMinute', ${table}.tokens_per_minute,
    'maxConcurrent', ${table}.max_concurrent, 'tokensPerMonth', ${table}.tokens_per_month))`;

/** Who makes sure of tenants and keys, if nobody else is named. */
const SET_UP: Actor = { kind: 'npm start' };

/** Tenants and their API keys. */
export class TenancyStore {
  constructor(
    private readonly dataSource: DataSource,
    private readonly actor: Actor = SET_UP,
  ) {}

  /** The one lookup across tenants: the hash of a secret names its tenant. Answers the keys that there are, by hash. */
  async findApiKeys(secretHashes: readonly string[]): Promise<Map<string, ApiKeyRecord>> {
    const rows = await this.dataSource.query<ApiKeyRow[]>(
      `SELECT wanted.secret_hash, k.id, k.tenant_id, k.kind, k.agent_id, k.disabled, t.disabled AS tenant_disabled,
         k.allowed_models, t.allowed_models AS tenant_allowed_models,
         ${limitsOf('k')} AS limits, ${limitsOf('t')} AS tenant_limits,
         CASE WHEN k.secret_hash = wanted.secret_hash THEN k.expires_at
           ELSE least(k.expires_at, k.previous_secret_expires_at) END AS expires_at
       FROM unnest($1::text[]) AS wanted (secret_hash)
       JOIN api_keys k ON k.secret_hash = wanted.secret_hash OR k.previous_secret_hash = wanted.secret_hash
       JOIN tenants t ON t.id = k.tenant_id`,
      [secretHashes],
    );
    return new Map(rows.map((row) => [row.secret_hash, toApiKeyRecord(row)]));
  }

  /** Writes down when keys were used, of any tenant: whoever authenticates knows keys only. */
  async noteKeyUse(uses: readonly { keyId: string; usedAtMs: number }[]): Promise<void> {
    await this.dataSource.query(
      `UPDATE api_keys k SET last_used_at = to_timestamp(use."usedAtMs" / 1000.0)
       FROM jsonb_to_recordset($1::jsonb) AS use ("keyId" text, "usedAtMs" float8)
       WHERE k.id = use."keyId" AND (k.last_used_at IS NULL OR k.last_used_at < to_timestamp(use."usedAtMs" / 1000.0))`,
      [JSON.stringify(uses)],
    );
  }

  /** The id of the tenant with this name, made if there is none. */
  async ensureTenant(name: string): Promise<string> {
    const id = newId('ten');
    return this.dataSource.transaction(async (manager) => {
      const [row] = await manager.query<[{ id: string }]>(
        `INSERT INTO tenants (id, name) VALUES ($1, $2)
         ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING id`,
        [id, name],
      );
      if (row.id === id)
        await this.recordCreate(manager, { tenantId: id, resourceKind: 'tenant', id, after: { name } });
      return row.id;
    });
  }

  /**
   * The id of the tenant's key with this hash, made if there is none; an existing one is left as it is.
   * Throws when another tenant has a key with this hash.
   */
  async ensureApiKey(tenantId: string, { secretHash, ...key }: ApiKeyDraft): Promise<string> {
    const id = newId('key');
    return this.dataSource.transaction(async (manager) => {
      const made = await manager.query<unknown[]>(
        `INSERT INTO api_keys (id, tenant_id, kind, agent_id, name, prefix, secret_hash)
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (secret_hash) DO NOTHING RETURNING id`,
        [id, tenantId, key.kind, key.agentId ?? null, key.name, key.prefix, secretHash],
      );
      if (made.length > 0) {
        await this.recordCreate(manager, { tenantId, resourceKind: 'api-key', id, after: key });
        return id;
      }
      const [row] = await manager.query<{ id: string }[]>(
        'SELECT id FROM api_keys WHERE tenant_id = $1 AND secret_hash = $2',
        [tenantId, secretHash],
      );
      if (row === undefined) throw new Error(`The API key ${key.prefix}… belongs to another tenant: create a new one.`);
      return row.id;
    });
  }

  /** The visible prefixes of the operator keys that work now. */
  async workingOperatorKeys(): Promise<string[]> {
    const rows = await this.dataSource.query<{ prefix: string }[]>(
      `SELECT k.prefix FROM api_keys k JOIN tenants t ON t.id = k.tenant_id
       WHERE k.kind = 'operator' AND NOT k.disabled AND NOT t.disabled AND coalesce(k.expires_at > now(), true)
       ORDER BY k.created_at`,
    );
    return rows.map(({ prefix }) => prefix);
  }

  /** Whether a key with this visible prefix was ever made by `npm start`, of any tenant; it may be gone by now. */
  async wasSetUp(prefix: string): Promise<boolean> {
    const rows = await this.dataSource.query<unknown[]>(
      `SELECT 1 FROM audit_log
       WHERE actor_kind = $1 AND resource_kind = 'api-key' AND action = 'create' AND after->>'prefix' = $2 LIMIT 1`,
      [SET_UP.kind, prefix],
    );
    return rows.length > 0;
  }

  private recordCreate(
    manager: EntityManager,
    made: {
      tenantId: string;
      resourceKind: 'tenant' | 'api-key';
      id: string;
      after: Readonly<Record<string, unknown>>;
    },
  ): Promise<void> {
    const { id, ...change } = made;
    return recordChange(manager, this.actor, { ...change, action: 'create', resourceId: id });
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
    ...(row.agent_id !== null && { agentId: row.agent_id }),
    ...(row.allowed_models && { allowedModels: row.allowed_models }),
    ...(row.tenant_allowed_models && { tenantAllowedModels: row.tenant_allowed_models }),
    limits: { tenant: row.tenant_limits, key: row.limits },
  };
}
