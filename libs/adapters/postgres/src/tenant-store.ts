import { newId } from '@millrace/platform/ids';
import type { DataSource } from 'typeorm';
import type { Actor } from './audit-log.js';
import { AuditedTable, type WriteBy, type WriteOutcome } from './audited-table.js';
import { definedOf } from './defined-of.js';
import { TenantEntity } from './entities/tenant.js';
import { applyLimits, limitsOfRow, type LimitChanges, type LimitSettings } from './limit-settings.js';
import { newestFirst, type Page, type PageWish } from './newest-first.js';

/** The tenant of the operators' own keys; it is there from the start and stays. */
export const OPERATOR_TENANT_NAME = 'operator';

/** A tenant as it is administered. */
export interface Tenant {
  id: string;
  name: string;
  weight: number;
  /** Null is all. */
  allowedModels: string[] | null;
  limits: LimitSettings;
  disabled: boolean;
  version: number;
  createdAt: Date;
}

/** What a change says about a tenant; what is left out stays as it is. */
export interface TenantChanges {
  name?: string | undefined;
  weight?: number | undefined;
  allowedModels?: string[] | null | undefined;
  limits?: LimitChanges | undefined;
  disabled?: boolean | undefined;
}

/** A tenant to make. */
export interface TenantDraft extends TenantChanges {
  name: string;
}

/** The tenants, as they are administered. What spans tenants is for operators, and named so. */
export class TenantStore {
  private readonly tenants: AuditedTable<TenantEntity, Tenant>;

  constructor(private readonly dataSource: DataSource) {
    this.tenants = new AuditedTable(dataSource, {
      entity: TenantEntity,
      resourceKind: 'tenant',
      toResource,
      tenantOf: ({ id }) => id,
      conflicts: { tenants_name_key: 'Another tenant has this name: choose a different one.' },
    });
  }

  async createForOperator({ limits, ...columns }: TenantDraft, actor: Actor): Promise<WriteOutcome<Tenant>> {
    return this.tenants.create({ id: newId('ten'), ...definedOf(columns), ...applyLimits({}, limits) }, actor);
  }

  async listForOperator(filters: { name?: string | undefined }, wish: PageWish): Promise<Page<Tenant>> {
    const rows = this.dataSource.getRepository(TenantEntity);
    const { entries, hasMore } = await newestFirst(
      rows,
      filters.name === undefined ? {} : { name: filters.name },
      wish,
    );
    return { entries: entries.map(toResource), hasMore };
  }

  async get(tenantId: string): Promise<Tenant | undefined> {
    const row = await this.dataSource.getRepository(TenantEntity).findOneBy({ id: tenantId });
    return row === null ? undefined : toResource(row);
  }

  async change(tenantId: string, { limits, ...columns }: TenantChanges, by: WriteBy): Promise<WriteOutcome<Tenant>> {
    return this.tenants.change({ id: tenantId }, by, (row) => {
      if (isOperatorTenant(row) && (columns.disabled === true || (columns.name ?? row.name) !== row.name)) {
        return { refused: 'The tenant of the operators can be neither disabled nor renamed.' };
      }
      Object.assign(row, definedOf(columns), applyLimits(row, limits));
      return undefined;
    });
  }

  /** Removes the tenant with its keys and agents; usage and audit entries stay. */
  async delete(tenantId: string, by: WriteBy): Promise<WriteOutcome<Tenant>> {
    return this.tenants.remove({ id: tenantId }, by, (row) =>
      isOperatorTenant(row) ? { refused: 'The tenant of the operators cannot be deleted.' } : undefined,
    );
  }
}

function isOperatorTenant({ name }: TenantEntity): boolean {
  return name === OPERATOR_TENANT_NAME;
}

function toResource(row: TenantEntity): Tenant {
  const { id, name, weight, allowedModels, disabled, version, createdAt } = row;
  return { id, name, weight, allowedModels, limits: limitsOfRow(row), disabled, version, createdAt };
}
