import type { PeerDevice, ReplicaState, StopReason } from '@millrace/domain/placement';
import type { DataSource, EntityManager } from 'typeorm';
import { recordChange, type Actor } from './audit-log.js';
import type { WriteOutcome } from './audited-table.js';
import type { Page, PageWish } from './newest-first.js';

/**
 * How a replica is: `assigned` until its runner has named it, `stopping` once it is assigned no more; between them what
 * its runner reports, where a drain that has been decided counts as begun.
 */
export type ShownReplicaState = 'assigned' | 'stopping' | ReplicaState;

/** A replica as it is wished and as its runner last reported it. */
export interface ShownReplica {
  id: string;
  deploymentId: string | null;
  /** Name of the model; null when its deployment is gone. */
  model: string | null;
  runnerId: string;
  runnerName: string;
  deviceKeys: string[];
  state: ShownReplicaState;
  slots: number;
  contextLength: number;
  /** Attempts that it serves. */
  inFlight: number;
  /** In the ledger, on all its devices. */
  reservedBytes: number;
  /** 0 until measured. */
  measuredBytes: number;
  /** 0..1 while loading. */
  progress: number;
  message: string;
  drainReason: StopReason | null;
  drainingSince: Date | null;
  readySince: Date | null;
  lastUsedAt: Date | null;
  assignedAt: Date | null;
  generation: number;
  observedGeneration: number;
}

/** By what a list of replicas can be narrowed. */
export interface ReplicaFilters {
  deploymentId?: string | undefined;
  runnerId?: string | undefined;
  model?: string | undefined;
  state?: ShownReplicaState | undefined;
}

/** Why an operator ends a replica. */
export type OperatorDrain = Extract<StopReason, 'operator_drain' | 'operator_restart'>;

type Row = Omit<ShownReplica, 'deviceKeys'> & { deviceKey: string | null; peers: readonly PeerDevice[] | null };

/** The replicas, as operators see and end them. */
export class ReplicaAdminStore {
  constructor(private readonly dataSource: DataSource) {}

  async list(
    { deploymentId, runnerId, model, state }: ReplicaFilters,
    { limit, after }: PageWish,
  ): Promise<Page<ShownReplica>> {
    const rows = await this.dataSource.query<Row[]>(
      `SELECT * FROM (${REPLICAS}) AS shown
       WHERE ($1::text IS NULL OR "deploymentId" = $1) AND ($2::text IS NULL OR "runnerId" = $2)
         AND ($3::text IS NULL OR model = $3) AND ($4::text IS NULL OR state = $4) AND ($5::text IS NULL OR id < $5)
       ORDER BY id DESC LIMIT $6`,
      [deploymentId, runnerId, model, state, after, limit + 1],
    );
    return { entries: rows.slice(0, limit).map(toReplica), hasMore: rows.length > limit };
  }

  async get(replicaId: string): Promise<ShownReplica | undefined> {
    const rows = await this.dataSource.query<Row[]>(`SELECT * FROM (${REPLICAS}) AS shown WHERE id = $1`, [replicaId]);
    return rows.map(toReplica)[0];
  }

  /**
   * Lets a replica take no new work and stop once it is idle, at the latest at the drain's deadline. The plan then
   * brings another one where the wish of its deployment wants it. A drain that has begun goes on as it is.
   */
  async drain(replicaId: string, reason: OperatorDrain, actor: Actor): Promise<WriteOutcome<{ id: string }>> {
    return this.dataSource.transaction(async (manager) => {
      const [runner] = await manager.query<{ id: string }[]>(
        `SELECT id FROM runners WHERE id = (SELECT runner_id FROM assignments WHERE replica_id = $1) FOR NO KEY UPDATE`,
        [replicaId],
      );
      if (runner === undefined) return this.withoutAssignment(manager, replicaId);
      const [, begun] = await manager.query<[unknown[], number]>(
        `UPDATE assignments SET drain_reason = $2, draining_since = clock_timestamp()
         WHERE replica_id = $1 AND drain_reason IS NULL`,
        [replicaId, reason],
      );
      if (begun === 1) {
        // Its runner hears of it by the generation, as of every change of its assignments.
        await manager.query('UPDATE runners SET generation = generation + 1 WHERE id = $1', [runner.id]);
        await manager.query(
          'UPDATE device_reservations SET releasing_since = clock_timestamp() WHERE replica_id = $1',
          [replicaId],
        );
        const subject = { tenantId: null, resourceKind: 'replica', resourceId: replicaId };
        await recordChange(manager, actor, { ...subject, action: 'change', after: { drainReason: reason } });
      }
      return { outcome: 'done', resource: { id: replicaId } };
    });
  }

  private async withoutAssignment(manager: EntityManager, replicaId: string): Promise<WriteOutcome<{ id: string }>> {
    const reported = await manager.query<unknown[]>('SELECT 1 FROM replicas WHERE replica_id = $1', [replicaId]);
    if (reported.length === 0) return { outcome: 'not_found' };
    return { outcome: 'conflict', message: 'The replica is stopping already: it is assigned no more.' };
  }
}

function toReplica({ deviceKey, peers, ...row }: Row): ShownReplica {
  const deviceKeys = deviceKey === null ? [] : [deviceKey, ...(peers ?? []).map((peer) => peer.deviceKey)];
  return { ...row, deviceKeys };
}

const REPLICAS = `
  SELECT coalesce(a.replica_id, r.replica_id) AS id, coalesce(a.deployment_id, r.deployment_id) AS "deploymentId",
    m.name AS model, n.id AS "runnerId", n.name AS "runnerName", a.device_key AS "deviceKey", a.peers,
    CASE WHEN a.replica_id IS NULL AND r.state <> 'stopped' THEN 'stopping'
      WHEN r.replica_id IS NULL THEN 'assigned'
      WHEN r.state = 'ready' AND a.drain_reason IS NOT NULL THEN 'draining'
      ELSE r.state END AS state,
    coalesce(r.slots, 0) AS slots, coalesce(r.context_length, 0) AS "contextLength",
    coalesce(r.in_flight, 0) AS "inFlight", coalesce(r.measured_bytes, 0)::float8 AS "measuredBytes",
    (SELECT coalesce(sum(bytes), 0)::float8 FROM device_reservations
      WHERE replica_id = coalesce(a.replica_id, r.replica_id)) AS "reservedBytes",
    coalesce(r.progress, 0) AS progress, coalesce(r.message, '') AS message, a.drain_reason AS "drainReason",
    a.draining_since AS "drainingSince", r.ready_since AS "readySince", r.last_used_at AS "lastUsedAt",
    a.created_at AS "assignedAt", coalesce(a.generation, n.generation)::float8 AS generation,
    n.observed_generation::float8 AS "observedGeneration"
  FROM assignments a FULL JOIN replicas r ON r.replica_id = a.replica_id
    JOIN runners n ON n.id = coalesce(a.runner_id, r.runner_id)
    LEFT JOIN deployments d ON d.id = coalesce(a.deployment_id, r.deployment_id)
    LEFT JOIN models m ON m.id = d.model_id`;
