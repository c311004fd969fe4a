import { runnerHealth, type AdminState, type RunnerHealth } from '@millrace/domain/placement';
import type { DataSource } from 'typeorm';
import { AuditedTable, type WriteBy, type WriteOutcome } from './audited-table.js';
import { definedOf } from './defined-of.js';
import { RunnerEntity } from './entities/runner.js';
import { newestFirst, type Page, type PageWish } from './newest-first.js';

/** A runner as it is administered and recorded; nothing of its credential. */
export interface AdministeredRunner {
  id: string;
  name: string;
  adminState: AdminState;
  /** What placement goes by: the runner's own, and the operators' before them. */
  labels: Record<string, string>;
  engines: string[];
  softwareVersion: string | null;
  lastHeartbeatAt: Date | null;
  /** The newest generation of its assignments, and the newest that it says it has seen. */
  generation: number;
  observedGeneration: number;
  version: number;
  createdAt: Date;
}

/** A runner with what is known of it at this moment. */
export interface ObservedRunner extends AdministeredRunner {
  health: RunnerHealth;
  devices: number;
  /** Assigned to it, whether they are loaded yet or not. */
  replicas: number;
}

/** By what a list of runners can be narrowed. */
export interface RunnerFilters {
  name?: string | undefined;
  adminState?: AdminState | undefined;
}

interface Observation {
  id: string;
  nowMs: number;
  devices: number;
  replicas: number;
}

/** The runners, as operators administer them. */
export class RunnerAdminStore {
  private readonly runners: AuditedTable<RunnerEntity, AdministeredRunner>;

  constructor(private readonly dataSource: DataSource) {
    this.runners = new AuditedTable(dataSource, {
      ...{ entity: RunnerEntity, resourceKind: 'runner', toResource, conflicts: {} },
      tenantOf: () => null,
    });
  }

  async list(filters: RunnerFilters, wish: PageWish): Promise<Page<ObservedRunner>> {
    const rows = this.dataSource.getRepository(RunnerEntity);
    const { entries, hasMore } = await newestFirst(rows, definedOf(filters), wish);
    return { entries: await this.observed(entries), hasMore };
  }

  async get(runnerId: string): Promise<ObservedRunner | undefined> {
    const rows = await this.dataSource.getRepository(RunnerEntity).findBy({ id: runnerId });
    return (await this.observed(rows))[0];
  }

  /** Sets labels of the operators'; null takes one back, so that what the runner itself says counts again. */
  async changeLabels(
    runnerId: string,
    labels: Readonly<Record<string, string | null>> | null,
    by: WriteBy,
  ): Promise<WriteOutcome<AdministeredRunner>> {
    return this.runners.change({ id: runnerId }, by, (row) => {
      const merged = Object.entries({ ...row.operatorLabels, ...labels });
      row.operatorLabels = labels === null ? {} : withoutNull(merged);
      return undefined;
    });
  }

  async changeAdminState(
    runnerId: string,
    adminState: AdminState,
    by: WriteBy,
  ): Promise<WriteOutcome<AdministeredRunner>> {
    return this.runners.change({ id: runnerId }, by, (row) => {
      row.adminState = adminState;
      return undefined;
    });
  }

  /** Removes the runner with its credential, devices and assignments. */
  async delete(runnerId: string, by: WriteBy): Promise<WriteOutcome<AdministeredRunner>> {
    return this.runners.remove({ id: runnerId }, by);
  }

  private async observed(rows: readonly RunnerEntity[]): Promise<ObservedRunner[]> {
    const found = await this.dataSource.query<Observation[]>(OBSERVE, [rows.map(({ id }) => id)]);
    const byId = new Map(found.map((observation) => [observation.id, observation]));
    return rows.flatMap((row) => {
      const observation = byId.get(row.id);
      return observation === undefined ? [] : [{ ...toResource(row), ...seen(row, observation) }];
    });
  }
}

const OBSERVE = `
  SELECT id, extract(epoch FROM clock_timestamp())::float8 * 1000 AS "nowMs",
    (SELECT count(*)::int FROM devices WHERE runner_id = runners.id) AS devices,
    (SELECT count(*)::int FROM assignments WHERE runner_id = runners.id) AS replicas
  FROM runners WHERE id = ANY($1)`;

function seen({ lastHeartbeatAt, createdAt }: RunnerEntity, { nowMs, devices, replicas }: Observation) {
  const heartbeat = { lastHeartbeatAtMs: lastHeartbeatAt?.getTime(), watchingSinceMs: createdAt.getTime() };
  return { health: runnerHealth(heartbeat, nowMs), devices, replicas };
}

function withoutNull(entries: readonly [string, string | null][]): Record<string, string> {
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => entry[1] !== null));
}

function toResource(row: RunnerEntity): AdministeredRunner {
  const { id, name, adminState, engines, softwareVersion, lastHeartbeatAt } = row;
  const { generation, observedGeneration, version, createdAt } = row;
  const labels = { ...row.labels, ...row.operatorLabels };
  return {
    ...{ id, name, adminState, labels, engines, softwareVersion, lastHeartbeatAt },
    ...{ generation, observedGeneration, version, createdAt },
  };
}
