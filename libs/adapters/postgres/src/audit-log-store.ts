import { And, LessThan, MoreThanOrEqual, Not, type DataSource, type FindOptionsWhere } from 'typeorm';
import { definedOf } from './defined-of.js';
import { AuditEntryEntity } from './entities/audit-entry.js';
import { newestFirst, type Page, type PageWish } from './newest-first.js';

/** One administrative change, as it was written down. */
export type AuditEntry = Readonly<AuditEntryEntity>;

/** By what the log can be narrowed. */
export interface AuditFilters {
  actorKeyId?: string | undefined;
  resourceKind?: string | undefined;
  resourceId?: string | undefined;
  action?: string | undefined;
  /** The first instant. */
  from?: Date | undefined;
  /** The first instant that is left out. */
  to?: Date | undefined;
}

/** Reads the audit log. */
export class AuditLogStore {
  constructor(private readonly dataSource: DataSource) {}

  /** The changes of what belongs to the tenant. Which operator made one, and where from, stays among operators. */
  async list(tenantId: string, filters: AuditFilters, wish: PageWish): Promise<Page<AuditEntry>> {
    const hidden = filters.actorKeyId === undefined ? {} : { actorKind: Not('operator') };
    const { entries, hasMore } = await this.read({ tenantId, ...toWhere(filters), ...hidden }, wish);
    return { entries: entries.map(withoutOperator), hasMore };
  }

  /** The changes of all tenants and of what belongs to none. */
  async listForOperator(
    { tenantId, ...filters }: AuditFilters & { tenantId?: string | undefined },
    wish: PageWish,
  ): Promise<Page<AuditEntry>> {
    return this.read({ ...definedOf({ tenantId }), ...toWhere(filters) }, wish);
  }

  private async read(where: FindOptionsWhere<AuditEntryEntity>, wish: PageWish): Promise<Page<AuditEntry>> {
    return newestFirst(this.dataSource.getRepository(AuditEntryEntity), where, wish);
  }
}

function toWhere({ from, to, ...fields }: AuditFilters): FindOptionsWhere<AuditEntryEntity> {
  const bounds = [from && MoreThanOrEqual(from), to && LessThan(to)].filter((bound) => bound !== undefined);
  return { ...definedOf(fields), ...(bounds.length > 0 && { at: And(...bounds) }) };
}

function withoutOperator(entry: AuditEntry): AuditEntry {
  return entry.actorKind === 'operator' ? { ...entry, actorKeyId: null, address: null, requestId: null } : entry;
}
