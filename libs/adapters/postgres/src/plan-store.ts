import type { Plan, Start } from '@millrace/domain/placement';
import type { DataSource, EntityManager } from 'typeorm';

/** A line of the scheduler's log: what, why, and the numbers it rested on. */
export interface SchedulerDecision {
  action: 'start' | 'stop' | 'drain' | 'release' | 'measure' | 'unplaced' | 'passed_over';
  reason: string;
  deploymentId?: string;
  replicaId?: string;
  numbers: Readonly<Record<string, unknown>>;
}

/**
 * `fenced`: another scheduler has begun a later term, nothing was written.
 * `refused`: starts whose device or runner has changed since it was observed; the rest was written.
 */
export type ApplyOutcome = { outcome: 'applied'; refused: Start[] } | { outcome: 'fenced' };

const DECISIONS_KEPT = 10_000;

/** Writes plans down. Every write is of one term and one transaction. */
export class PlanStore {
  constructor(private readonly dataSource: DataSource) {}

  /** Applies the plan, unless the term has ended. */
  async apply(epoch: number, plan: Plan, decisions: readonly SchedulerDecision[]): Promise<ApplyOutcome> {
    return this.dataSource.transaction(async (transaction) => {
      if (!(await holdTerm(transaction, epoch))) return { outcome: 'fenced' };
      const generations = await raiseGenerations(transaction, epoch, plan);
      await transaction.query(RELEASE, [JSON.stringify(plan.release)]);
      await transaction.query(STOP, [plan.stop.map((stop) => stop.replicaId)]);
      await transaction.query(MEASURE_LEDGER, [JSON.stringify(plan.measure), epoch]);
      await transaction.query(MEASURE_FOOTPRINTS, [JSON.stringify(plan.measure)]);
      await transaction.query(REMEMBER_FAILURES, [JSON.stringify(plan.failures)]);
      const refused: Start[] = [];
      for (const start of plan.start) {
        const generation = generations.get(start.runnerId);
        if (generation === undefined || !(await reserve(transaction, epoch, start))) refused.push(start);
        else await assign(transaction, start, { epoch, generation });
      }
      await writeDecisions(transaction, epoch, decisions);
      return { outcome: 'applied', refused };
    });
  }
}

/**
 * The fence. A successor's raise of the epoch waits for this lock; once it is raised, no row matches.
 * A scheduler that stalls here for 2 s loses its connection, and with it the lock.
 */
async function holdTerm(transaction: EntityManager, epoch: number): Promise<boolean> {
  await transaction.query(`SET LOCAL idle_in_transaction_session_timeout = '2s'`);
  const held = await transaction.query<unknown[]>('SELECT 1 FROM scheduler_lease WHERE epoch = $1 FOR KEY SHARE', [
    epoch,
  ]);
  return held.length === 1;
}

async function raiseGenerations(transaction: EntityManager, epoch: number, plan: Plan): Promise<Map<string, number>> {
  const changed = [...new Set([...plan.start, ...plan.stop].map(({ runnerId }) => runnerId))];
  if (changed.length === 0) return new Map();
  const [rows] = await transaction.query<[{ id: string; generation: string }[], number]>(
    'UPDATE runners SET generation = generation + 1, epoch = $2 WHERE id = ANY($1) RETURNING id, generation',
    [changed, epoch],
  );
  return new Map(rows.map((row) => [row.id, Number(row.generation)]));
}

/** Adds a line to the ledger if the device, as it is now, has room for it and its runner takes replicas. */
async function reserve(transaction: EntityManager, epoch: number, start: Start): Promise<boolean> {
  const locked = await transaction.query<unknown[]>(
    `SELECT 1 FROM devices JOIN runners ON runners.id = devices.runner_id
     WHERE runner_id = $1 AND device_key = $2 AND admin_state = 'active' FOR UPDATE OF devices`,
    [start.runnerId, start.deviceKey],
  );
  if (locked.length === 0) return false;
  const added = await transaction.query<unknown[]>(
    `INSERT INTO device_reservations (runner_id, device_key, replica_id, bytes, epoch)
     SELECT runner_id, device_key, $3, $4::bigint, $5::bigint FROM devices
     WHERE runner_id = $1 AND device_key = $2 AND total_bytes - reserve_bytes >= $4::bigint + (
       SELECT coalesce(sum(bytes), 0) FROM device_reservations WHERE runner_id = $1 AND device_key = $2)
     RETURNING replica_id`,
    [start.runnerId, start.deviceKey, start.replicaId, start.needBytes, epoch],
  );
  return added.length === 1;
}

async function assign(
  transaction: EntityManager,
  start: Start,
  version: { epoch: number; generation: number },
): Promise<void> {
  await transaction.query(
    `INSERT INTO assignments (replica_id, runner_id, deployment_id, device_key, spec, settings, generation, epoch)
     VALUES ($1, $2, $3, $4, $5::jsonb, $6, $7, $8)`,
    [
      start.replicaId,
      start.runnerId,
      start.deploymentId,
      start.deviceKey,
      JSON.stringify(start.spec),
      start.settings,
      version.generation,
      version.epoch,
    ],
  );
}

async function writeDecisions(
  transaction: EntityManager,
  epoch: number,
  decisions: readonly SchedulerDecision[],
): Promise<void> {
  if (decisions.length === 0) return;
  await transaction.query(
    `INSERT INTO scheduler_decisions (epoch, action, reason, deployment_id, replica_id, numbers)
     SELECT $2, action, reason, "deploymentId", "replicaId", numbers
     FROM jsonb_to_recordset($1::jsonb) AS decision (
       action text, reason text, "deploymentId" text, "replicaId" text, numbers jsonb)`,
    [JSON.stringify(decisions), epoch],
  );
  await transaction.query(
    'DELETE FROM scheduler_decisions WHERE id <= (SELECT max(id) FROM scheduler_decisions) - $1',
    [DECISIONS_KEPT],
  );
}

const RELEASE = `
  DELETE FROM device_reservations line
  USING jsonb_to_recordset($1::jsonb) AS done ("replicaId" text, "runnerId" text, "deviceKey" text)
  WHERE line.replica_id = "replicaId" AND line.runner_id = "runnerId" AND line.device_key = "deviceKey"`;

const STOP = 'DELETE FROM assignments WHERE replica_id = ANY($1)';

/** A measurement may exceed what the device has: then it is over-committed, and nothing more is placed on it. */
const MEASURE_LEDGER = `
  UPDATE device_reservations line SET bytes = "measuredBytes", basis = 'measured', epoch = $2
  FROM jsonb_to_recordset($1::jsonb) AS measured (
    "replicaId" text, "runnerId" text, "deviceKey" text, "measuredBytes" bigint)
  WHERE line.replica_id = "replicaId" AND line.runner_id = "runnerId" AND line.device_key = "deviceKey"`;

const MEASURE_FOOTPRINTS = `
  UPDATE footprints known
  SET basis = 'measured', measured_bytes = "measuredBytes", failure = NULL, observed_at = now(),
      context_length = CASE WHEN "contextLength" = 0 THEN known.context_length ELSE "contextLength" END,
      slots = CASE WHEN measured.slots = 0 THEN known.slots ELSE measured.slots END
  FROM jsonb_to_recordset($1::jsonb) AS measured (
    "measuredBytes" bigint, "contextLength" integer, slots integer, footprint jsonb)
  WHERE known.artifact = footprint->>'artifact' AND known.engine = footprint->>'engine'
    AND known.settings = footprint->>'settings' AND known.device_type = footprint->>'deviceType'`;

const REMEMBER_FAILURES = `
  INSERT INTO load_failures (deployment_id, runner_id, device_key, settings, failures, message, failed_at)
  SELECT "deploymentId", "runnerId", "deviceKey", settings, failures, message, to_timestamp("failedAtMs" / 1000)
  FROM jsonb_to_recordset($1::jsonb) AS failure (
    "deploymentId" text, "runnerId" text, "deviceKey" text, settings text, failures integer, message text,
    "failedAtMs" float8)
  ON CONFLICT (deployment_id, runner_id, device_key) DO UPDATE
    SET settings = excluded.settings, failures = excluded.failures, message = excluded.message,
        failed_at = excluded.failed_at`;
