import type { DataSource, EntityManager, EntityTarget, FindOptionsWhere, ObjectLiteral } from 'typeorm';
import { recordChange, type Actor } from './audit-log.js';
import { brokenConstraint } from './postgres-error.js';

/** How a write ended; the message of a conflict is one sentence for whoever asked. */
export type WriteOutcome<Resource> =
  | { outcome: 'done'; resource: Resource }
  | { outcome: 'not_found' }
  | { outcome: 'version_mismatch'; version: number }
  | { outcome: 'conflict'; message: string };

/** Who writes, and on condition of which version. */
export interface WriteBy {
  actor: Actor;
  /** Left out: whatever the version is. */
  ifVersion?: number | undefined;
}

const ownerGone = 'What it belongs to was deleted meanwhile.';

interface AuditedRow extends ObjectLiteral {
  id: string;
  version: number;
}

/** What the audited table of one kind of resource needs to know of it. */
export interface AuditedTableOptions<Row, Resource> {
  entity: EntityTarget<Row>;
  /** In the words of the admin API. */
  resourceKind: string;
  /** The resource as it is shown and recorded, without secrets. */
  toResource: (row: Row) => Resource & { id: string };
  /** Null for what belongs to no tenant. */
  tenantOf: (row: Row) => string | null;
  /** A sentence for each constraint that a request can break, by its name. */
  conflicts: Readonly<Record<string, string>>;
  /** What else a change has to write, in its transaction. */
  afterChange?: (manager: EntityManager, row: Row) => Promise<void>;
}

/** A change of one row inside a transaction: alters `row` in place, or answers why it may not. */
export type AlterRow<Row> = (row: Row) => { refused: string } | undefined;

/** Writes rows that people administer: each write and its audit entry are one transaction. */
export class AuditedTable<Row extends AuditedRow, Resource extends object> {
  constructor(
    private readonly dataSource: DataSource,
    private readonly options: AuditedTableOptions<Row, Resource>,
  ) {}

  async create(row: Partial<Row> & { id: string }, actor: Actor): Promise<WriteOutcome<Resource>> {
    return this.write(async () =>
      this.dataSource.transaction(async (manager) => {
        const { entity, toResource } = this.options;
        await manager.insert(entity, row);
        const stored = await manager.findOneByOrFail(entity, { id: row.id } as FindOptionsWhere<Row>);
        const resource = toResource(stored);
        await recordChange(manager, actor, { ...this.subject(stored), action: 'create', after: { ...resource } });
        return { outcome: 'done', resource };
      }),
    );
  }

  /** Locks the row, alters it and raises its version; a change that changes nothing writes nothing. */
  async change(
    where: FindOptionsWhere<Row>,
    { action = 'change', ...by }: WriteBy & { action?: 'change' | 'rotate' },
    alter: AlterRow<Row>,
  ): Promise<WriteOutcome<Resource>> {
    return this.writeLocked(where, by, async (manager, row) => {
      const { entity, toResource } = this.options;
      const columns = JSON.stringify(row);
      const before = toResource(row);
      const refusal = alter(row);
      if (refusal !== undefined) return { outcome: 'conflict', message: refusal.refused };
      if (JSON.stringify(row) === columns) return { outcome: 'done', resource: before };
      row.version += 1;
      await manager.update(entity, { id: row.id }, row);
      await this.options.afterChange?.(manager, row);
      const after = toResource(row);
      const change = { ...this.subject(row), action, before: { ...before }, after: { ...after } };
      await recordChange(manager, by.actor, change);
      return { outcome: 'done', resource: after };
    });
  }

  /** Removes the row unless `mayNot` answers why it may not go; answers what it was. */
  async remove(
    where: FindOptionsWhere<Row>,
    by: WriteBy,
    mayNot: (row: Row) => { refused: string } | undefined = () => undefined,
  ): Promise<WriteOutcome<Resource>> {
    return this.writeLocked(where, by, async (manager, row) => {
      const { entity, toResource } = this.options;
      const refusal = mayNot(row);
      if (refusal !== undefined) return { outcome: 'conflict', message: refusal.refused };
      const resource = toResource(row);
      await manager.delete(entity, { id: row.id });
      await recordChange(manager, by.actor, { ...this.subject(row), action: 'delete', before: { ...resource } });
      return { outcome: 'done', resource };
    });
  }

  /** Does the work in a transaction that has the row for itself, if it is there and has the wanted version. */
  private async writeLocked(
    where: FindOptionsWhere<Row>,
    { ifVersion }: WriteBy,
    work: (manager: EntityManager, row: Row) => Promise<WriteOutcome<Resource>>,
  ): Promise<WriteOutcome<Resource>> {
    return this.write(async () =>
      this.dataSource.transaction(async (manager) => {
        const row = await manager.findOne(this.options.entity, { where, lock: { mode: 'pessimistic_write' } });
        if (row === null) return { outcome: 'not_found' };
        if (ifVersion !== undefined && ifVersion !== row.version) {
          return { outcome: 'version_mismatch', version: row.version };
        }
        return work(manager, row);
      }),
    );
  }

  private subject(row: Row) {
    const { resourceKind, tenantOf } = this.options;
    return { tenantId: tenantOf(row), resourceKind, resourceId: row.id };
  }

  private async write(work: () => Promise<WriteOutcome<Resource>>): Promise<WriteOutcome<Resource>> {
    try {
      return await work();
    } catch (error) {
      const constraint = brokenConstraint(error) ?? '';
      const message = this.options.conflicts[constraint] ?? (constraint.endsWith('_fkey') ? ownerGone : undefined);
      if (message === undefined) throw error;
      return { outcome: 'conflict', message };
    }
  }
}
