import type { ApiKeyKind, StoredSecret } from '@millrace/domain/tenancy';
import { newId } from '@millrace/platform/ids';
import type { DataSource, FindOptionsWhere } from 'typeorm';
import type { Actor } from './audit-log.js';
import { AuditedTable, type WriteBy, type WriteOutcome } from './audited-table.js';
import { definedOf } from './defined-of.js';
import { ApiKeyEntity } from './entities/api-key.js';
import { applyLimits, limitsOfRow, type LimitChanges, type LimitSettings } from './limit-settings.js';
import { newestFirst, type Page, type PageWish } from './newest-first.js';

/** An API key as it is administered; nothing of its secret but the visible prefix. */
export interface ApiKey {
  id: string;
  tenantId: string;
  kind: ApiKeyKind;
  name: string;
  prefix: string;
  /** The one agent that it acts as; null for every kind but `agent`. */
  agentId: string | null;
  /** Null is all of the tenant's. */
  allowedModels: string[] | null;
  limits: LimitSettings;
  disabled: boolean;
  /** Null is never. */
  expiresAt: Date | null;
  /** Until then the secret before the last rotation works too; null when there is none. */
  previousSecretExpiresAt: Date | null;
  /** To the minute, about. */
  lastUsedAt: Date | null;
  version: number;
  createdAt: Date;
}

/** What a change says about a key; what is left out stays as it is. */
export interface ApiKeyChanges {
  name?: string | undefined;
  allowedModels?: string[] | null | undefined;
  limits?: LimitChanges | undefined;
  disabled?: boolean | undefined;
  expiresAt?: Date | null | undefined;
}

/** A key to make. */
export interface NewApiKey extends ApiKeyChanges, StoredSecret {
  name: string;
  kind: ApiKeyKind;
  /** Only of the kind `agent`, and then an agent of the same tenant. */
  agentId?: string | undefined;
}

/** By what a list of keys can be narrowed. */
export interface ApiKeyFilters {
  name?: string | undefined;
  kind?: ApiKeyKind | undefined;
  prefix?: string | undefined;
  agentId?: string | undefined;
  disabled?: boolean | undefined;
}

/** API keys of a tenant, as they are administered. */
export class ApiKeyStore {
  private readonly keys: AuditedTable<ApiKeyEntity, ApiKey>;

  constructor(private readonly dataSource: DataSource) {
    this.keys = new AuditedTable(dataSource, {
      entity: ApiKeyEntity,
      resourceKind: 'api-key',
      toResource,
      tenantOf: ({ tenantId }) => tenantId,
      conflicts: {},
    });
  }

  async create(tenantId: string, { limits, ...columns }: NewApiKey, actor: Actor): Promise<WriteOutcome<ApiKey>> {
    return this.keys.create({ id: newId('key'), tenantId, ...definedOf(columns), ...applyLimits({}, limits) }, actor);
  }

  async list(tenantId: string, filters: ApiKeyFilters, wish: PageWish): Promise<Page<ApiKey>> {
    const where: FindOptionsWhere<ApiKeyEntity> = { tenantId, ...definedOf(filters) };
    const { entries, hasMore } = await newestFirst(this.dataSource.getRepository(ApiKeyEntity), where, wish);
    return { entries: entries.map(toResource), hasMore };
  }

  async get(tenantId: string, keyId: string): Promise<ApiKey | undefined> {
    const row = await this.dataSource.getRepository(ApiKeyEntity).findOneBy({ tenantId, id: keyId });
    return row === null ? undefined : toResource(row);
  }

  /** Whoever asks cannot lock itself out by it. */
  async change(
    tenantId: string,
    keyId: string,
    { limits, by, ...columns }: ApiKeyChanges & { by: WriteBy },
  ): Promise<WriteOutcome<ApiKey>> {
    return this.keys.change({ tenantId, id: keyId }, by, (row) => {
      const ends = columns.disabled === true || (columns.expiresAt ?? null) !== null;
      if (ends && isAsking(row, by)) return { refused: ownKey('disabled or given an end') };
      if (isOutOfRank(row, by)) return { refused: operatorsOnly };
      Object.assign(row, definedOf(columns), applyLimits(row, limits));
      return undefined;
    });
  }

  /** Gives the key another secret. The one before works until the given instant; one from an earlier rotation no more. */
  async rotate(
    tenantId: string,
    keyId: string,
    { secret, previousExpiresAt, by }: { secret: StoredSecret; previousExpiresAt: Date; by: WriteBy },
  ): Promise<WriteOutcome<ApiKey>> {
    return this.keys.change({ tenantId, id: keyId }, { ...by, action: 'rotate' }, (row) => {
      if (isOutOfRank(row, by)) return { refused: operatorsOnly };
      row.previousSecretHash = row.secretHash;
      row.previousSecretExpiresAt = previousExpiresAt;
      Object.assign(row, secret);
      return undefined;
    });
  }

  async delete(tenantId: string, keyId: string, by: WriteBy): Promise<WriteOutcome<ApiKey>> {
    return this.keys.remove({ tenantId, id: keyId }, by, (row) => {
      if (isAsking(row, by)) return { refused: ownKey('deleted') };
      return isOutOfRank(row, by) ? { refused: operatorsOnly } : undefined;
    });
  }
}

const operatorsOnly = "Only an operator may change an operator's key.";

function ownKey(what: string): string {
  return `The key that is asking cannot be ${what}: use another one for that.`;
}

function isAsking(row: ApiKeyEntity, { actor }: WriteBy): boolean {
  return row.id === actor.keyId;
}

function isOutOfRank(row: ApiKeyEntity, { actor }: WriteBy): boolean {
  return row.kind === 'operator' && actor.kind !== 'operator';
}

function toResource(row: ApiKeyEntity): ApiKey {
  const { id, tenantId, kind, name, prefix, agentId, allowedModels, disabled } = row;
  const { expiresAt, previousSecretExpiresAt, lastUsedAt, version, createdAt } = row;
  return {
    ...{ id, tenantId, kind, name, prefix, agentId, allowedModels, limits: limitsOfRow(row), disabled },
    ...{ expiresAt, previousSecretExpiresAt, lastUsedAt, version, createdAt },
  };
}
