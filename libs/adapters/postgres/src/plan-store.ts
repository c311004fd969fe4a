import type { Plan, Start } from '@millrace/domain/placement';
import type { DataSource, EntityManager } from 'typeorm';
import type { WishVersion } from './fleet-observer.js';
import { writeStarts } from './write-starts.js';

/** A line of the scheduler's log: what, why, and the numbers it rested on. */
export interface SchedulerDecision {
  action: 'start' | 'refused' | 'stop' | 'drain' | 'release' | 'measure' | 'unplaced' | 'passed_over' | 'health';
  reason: string;
  deploymentId?: string;
  replicaId?: string;
  numbers: Readonly<Record<string, unknown>>;
}

/** A plan and what goes with it. */
export interface PlanChange {
  plan: Plan;
  decisions: readonly SchedulerDecision[];
  /** Wishes that the plan is the first to act on. */
  newWishes: readonly WishVersion[];
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
  async apply(epoch: number, { plan, decisions, newWishes }: PlanChange): Promise<ApplyOutcome> {
    return this.dataSource.transaction(async (transaction) => {
      if (!(await holdTerm(transaction, epoch))) return { outcome: 'fenced' };
      const generations = await raiseGenerations(transaction, epoch, plan);
      await writeEndings(transaction, plan);
      await writeLessons(transaction, epoch, plan);
      const refused = await writeStarts(transaction, plan.start, { epoch, generations });
      if (newWishes.length > 0) await transaction.query(ACT_ON_WISHES, [JSON.stringify(newWishes)]);
      await writeDecisions(transaction, epoch, withRefusals(decisions, refused));
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

/** Runners hear of their assignments by the generation. */
async function raiseGenerations(transaction: EntityManager, epoch: number, plan: Plan): Promise<Map<string, number>> {
  const changed = [...new Set([...plan.start, ...plan.stop, ...plan.drain].map(({ runnerId }) => runnerId))];
  if (changed.length === 0) return new Map();
  const [rows] = await transaction.query<[{ id: string; generation: string }[], number]>(
    `WITH changed AS (SELECT id FROM runners WHERE id = ANY($1) ORDER BY id FOR UPDATE)
     UPDATE runners SET generation = generation + 1, epoch = $2 FROM changed WHERE runners.id = changed.id
     RETURNING runners.id, generation`,
    [changed, epoch],
  );
  return new Map(rows.map((row) => [row.id, Number(row.generation)]));
}

/** What ends: memory that is free again, replicas that stop, and those that finish first. */
async function writeEndings(transaction: EntityManager, { release, stop, drain }: Plan): Promise<void> {
  if (release.length > 0) await transaction.query(RELEASE, [JSON.stringify(release)]);
  if (stop.length > 0) await transaction.query(STOP, [stop.map(({ replicaId }) => replicaId)]);
  if (drain.length > 0) await transaction.query(DRAIN, [JSON.stringify(drain)]);
  const leaving = [...stop, ...drain].map(({ replicaId, eviction }) => ({
    replicaId,
    forDeploymentId: eviction?.forDeploymentId,
  }));
  if (leaving.length > 0) await transaction.query(EXPECT_MEMORY, [JSON.stringify(leaving)]);
}

/** What loads have taught: sizes, and devices where they fail. */
async function writeLessons(transaction: EntityManager, epoch: number, { measure, failures }: Plan): Promise<void> {
  if (measure.length > 0) {
    await transaction.query(MEASURE_LEDGER, [JSON.stringify(measure), epoch]);
    await transaction.query(MEASURE_FOOTPRINTS, [JSON.stringify(measure)]);
  }
  if (failures.length > 0) await transaction.query(REMEMBER_FAILURES, [JSON.stringify(failures)]);
}

/** A start that was refused did not happen. */
function withRefusals(decisions: readonly SchedulerDecision[], refused: readonly Start[]): SchedulerDecision[] {
  const refusedIds = new Set(refused.map(({ replicaId }) => replicaId));
  return decisions.map((decision) =>
    decision.action === 'start' && refusedIds.has(decision.replicaId ?? '')
      ? { ...decision, action: 'refused', reason: 'device_changed' }
      : decision,
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

/** Never taken back, and its deadline counts from the first time. */
const DRAIN = `
  UPDATE assignments SET drain_reason = reason, draining_since = clock_timestamp()
  FROM jsonb_to_recordset($1::jsonb) AS drain ("replicaId" text, reason text)
  WHERE replica_id = "replicaId" AND drain_reason IS NULL`;

/** From now on the memory is waited for; whom it was taken for stays with it when a drain becomes a stop. */
const EXPECT_MEMORY = `
  UPDATE device_reservations SET releasing_since = clock_timestamp(),
    releasing_for = coalesce("forDeploymentId", releasing_for)
  FROM jsonb_to_recordset($1::jsonb) AS leaving ("replicaId" text, "forDeploymentId" text)
  WHERE replica_id = "replicaId"`;

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
      slots = CASE WHEN measured.slots = 0 THEN known.slots ELSE measured.slots END,
      load_ms = coalesce((SELECT load_ms FROM replicas WHERE replica_id = "replicaId"), known.load_ms)
  FROM jsonb_to_recordset($1::jsonb) AS measured (
    "replicaId" text, "measuredBytes" bigint, "contextLength" integer, slots integer, footprint jsonb)
  WHERE known.artifact = footprint->>'artifact' AND known.engine = footprint->>'engine'
    AND known.settings = footprint->>'settings' AND known.device_type = footprint->>'deviceType'
    AND known.device_count = 1 AND NOT known.offloaded`;

const REMEMBER_FAILURES = `
  INSERT INTO load_failures (deployment_id, runner_id, device_key, settings, failures, message, failed_at)
  SELECT "deploymentId", "runnerId", "deviceKey", settings, failures, message, to_timestamp("failedAtMs" / 1000)
  FROM jsonb_to_recordset($1::jsonb) AS failure (
    "deploymentId" text, "runnerId" text, "deviceKey" text, settings text, failures integer, message text,
    "failedAtMs" float8)
  ON CONFLICT (deployment_id, runner_id, device_key) DO UPDATE
    SET settings = excluded.settings, failures = excluded.failures, message = excluded.message,
        failed_at = excluded.failed_at`;

const ACT_ON_WISHES = `
  UPDATE deployments SET observed_generation = seen.generation
  FROM jsonb_to_recordset($1::jsonb) AS seen ("deploymentId" text, generation bigint)
  WHERE id = "deploymentId" AND observed_generation < seen.generation`;
