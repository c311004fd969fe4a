import type { DataSource } from 'typeorm';
import { recordChange, type Actor } from './audit-log.js';
import type { SchedulerDecisionEntity } from './entities/scheduler-decision.js';
import type { Page, PageWish } from './newest-first.js';

/** A decision as it was written down. */
export type LoggedDecision = Readonly<SchedulerDecisionEntity> & {
  /** Name of the deployment's model; null when that is gone, or for what is about none. */
  model: string | null;
};

/** By what the log can be narrowed. */
export interface DecisionFilters {
  deploymentId?: string | undefined;
  replicaId?: string | undefined;
  runnerId?: string | undefined;
  action?: string | undefined;
  reason?: string | undefined;
}

/** How scheduling goes. */
export interface SchedulerState {
  paused: boolean;
  /** Term of the leader; 0 before the first one. */
  epoch: number;
  /** Whether a leader holds its lease at this moment. */
  hasLeader: boolean;
}

/** What operators see of the scheduler and tell it: its log, its state and its switch. */
export class SchedulerLogStore {
  constructor(private readonly dataSource: DataSource) {}

  /** The newest first; ids are numbers. */
  async list(filters: DecisionFilters, { limit, after }: PageWish): Promise<Page<LoggedDecision>> {
    const { deploymentId, replicaId, runnerId, action, reason } = filters;
    const found = await this.dataSource.query<LoggedDecision[]>(LIST, [
      ...[after ?? null, deploymentId ?? null, replicaId ?? null, runnerId ?? null, action ?? null, reason ?? null],
      limit + 1,
    ]);
    return { entries: found.slice(0, limit), hasMore: found.length > limit };
  }

  async state(): Promise<SchedulerState> {
    const [row] = await this.dataSource.query<[SchedulerState]>(
      `SELECT paused, epoch::float8, expires_at > clock_timestamp() AS "hasLeader"
       FROM scheduler_switch, scheduler_lease WHERE scheduler_switch.id = 1 AND scheduler_lease.id = 1`,
    );
    return row;
  }

  /** Schedulers follow with their next pass. */
  async setPaused(paused: boolean, actor: Actor): Promise<void> {
    await this.dataSource.transaction(async (manager) => {
      const [, changed] = await manager.query<[unknown[], number]>(
        'UPDATE scheduler_switch SET paused = $1 WHERE id = 1 AND paused <> $1',
        [paused],
      );
      if (changed === 0) return;
      const subject = { tenantId: null, resourceKind: 'scheduler', resourceId: 'scheduler' };
      const change = { action: 'change' as const, before: { paused: !paused }, after: { paused } };
      await recordChange(manager, actor, { ...subject, ...change });
    });
  }
}

const LIST = `
  SELECT s.id, s.decided_at AS "decidedAt", s.epoch::float8, s.action, s.reason, s.deployment_id AS "deploymentId",
    s.replica_id AS "replicaId", s.numbers, m.name AS model
  FROM scheduler_decisions s
  LEFT JOIN deployments d ON d.id = s.deployment_id LEFT JOIN models m ON m.id = d.model_id
  WHERE ($1::bigint IS NULL OR s.id < $1) AND ($2::text IS NULL OR s.deployment_id = $2)
    AND ($3::text IS NULL OR s.replica_id = $3) AND ($4::text IS NULL OR s.numbers->>'runnerId' = $4)
    AND ($5::text IS NULL OR s.action = $5) AND ($6::text IS NULL OR s.reason = $6)
  ORDER BY s.id DESC LIMIT $7`;
