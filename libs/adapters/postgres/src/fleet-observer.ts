import {
  runnerHealth,
  type FleetSnapshot,
  type SnapshotFootprint,
  type SnapshotRunner,
} from '@millrace/domain/placement';
import type { DataSource } from 'typeorm';

/** The fleet at one instant of the database's clock, and the term each runner's assignments were decided in. */
export interface ObservedFleet {
  snapshot: Omit<FleetSnapshot, 'freshReplicaIds'>;
  epochs: ReadonlyMap<string, number>;
}

type RunnerRow = Omit<SnapshotRunner, 'health'> & { lastHeartbeatAtMs: number | null; epoch: number };

interface FootprintRow {
  artifact: string;
  engine: string;
  settings: string;
  deviceType: string;
  basis: 'engine_dry_run' | 'measured';
  breakdown: { weightsBytes: number; kvBytes: number; computeBytes: number; overheadBytes: number };
  measuredBytes: number | null;
  contextLength: number;
  slots: number;
  failure: string | null;
  failedAtMs: number;
}

interface FleetRow extends Omit<ObservedFleet['snapshot'], 'runners' | 'footprints'> {
  runners: RunnerRow[];
  footprints: FootprintRow[];
}

/** Reads the whole fleet in one statement, so that all of it is of one instant. */
export class FleetObserver {
  constructor(private readonly dataSource: DataSource) {}

  /** `watchingSince` gets the instant of the observation; see `runnerHealth`. */
  async observe(watchingSince: (nowMs: number) => number): Promise<ObservedFleet> {
    const [row] = await this.dataSource.query<[FleetRow]>(OBSERVE);
    const watchingSinceMs = watchingSince(row.nowMs);
    return {
      snapshot: {
        ...row,
        runners: row.runners.map((runner) => toRunner(runner, watchingSinceMs, row.nowMs)),
        footprints: row.footprints.map(toFootprint),
      },
      epochs: new Map(row.runners.map((runner) => [runner.runnerId, runner.epoch])),
    };
  }
}

function toRunner(row: RunnerRow, watchingSinceMs: number, nowMs: number): SnapshotRunner {
  const { lastHeartbeatAtMs, epoch: _epoch, ...runner } = row;
  const heartbeat = { lastHeartbeatAtMs: lastHeartbeatAtMs ?? undefined, watchingSinceMs };
  return { ...runner, health: runnerHealth(heartbeat, nowMs) };
}

function toFootprint(row: FootprintRow): SnapshotFootprint {
  const { artifact, engine, settings, deviceType, breakdown, contextLength, slots } = row;
  const key = { artifact, engine, settings, deviceType };
  if (row.measuredBytes !== null) {
    const footprint = { basis: 'measured', breakdown, measuredBytes: row.measuredBytes } as const;
    return { ...key, outcome: 'known', footprint, contextLength, slots };
  }
  if (row.failure !== null) return { ...key, outcome: 'failed', failure: row.failure, failedAtMs: row.failedAtMs };
  return { ...key, outcome: 'known', footprint: { basis: 'engine_dry_run', breakdown }, contextLength, slots };
}

const epochMs = (instant: string) => `round(extract(epoch FROM ${instant}) * 1000)::float8`;

const WISHES = `
  SELECT d.id AS "deploymentId", d.min_replicas AS "minReplicas", d.max_replicas AS "maxReplicas",
    d.per_runner AS "perRunner", d.paused,
    jsonb_build_object(
      'modelName', m.name, 'artifact', m.artifact, 'engine', m.engine, 'engineOptions', m.engine_options,
      'contextLength', coalesce(d.context_length, 0), 'slots', coalesce(d.slots, 0)) AS spec
  FROM deployments d JOIN models m ON m.id = d.model_id`;

const RUNNERS = `
  SELECT r.id AS "runnerId", r.name, r.admin_state AS "adminState", r.engines, r.generation, r.epoch,
    r.observed_generation AS "observedGeneration", ${epochMs('r.last_heartbeat_at')} AS "lastHeartbeatAtMs",
    (SELECT coalesce(jsonb_agg(jsonb_build_object(
        'deviceKey', device_key, 'deviceType', device_type, 'totalBytes', total_bytes, 'freeBytes', free_bytes,
        'reserveBytes', reserve_bytes)), '[]')
      FROM devices WHERE runner_id = r.id) AS devices
  FROM runners r`;

const ASSIGNMENTS = `
  SELECT replica_id AS "replicaId", deployment_id AS "deploymentId", runner_id AS "runnerId",
    device_key AS "deviceKey", spec, settings
  FROM assignments`;

const REPLICAS = `
  SELECT replica_id AS "replicaId", runner_id AS "runnerId", state, measured_bytes AS "measuredBytes", slots,
    context_length AS "contextLength", message
  FROM replicas`;

const RESERVATIONS = `
  SELECT replica_id AS "replicaId", runner_id AS "runnerId", device_key AS "deviceKey", bytes, basis
  FROM device_reservations`;

/** Of models that are deployed; others are kept for later and matter to no plan. */
const FOOTPRINTS = `
  SELECT f.artifact, f.engine, f.settings, f.device_type AS "deviceType", f.basis,
    jsonb_build_object('weightsBytes', f.weights_bytes, 'kvBytes', f.kv_bytes, 'computeBytes', f.compute_bytes,
      'overheadBytes', f.overhead_bytes) AS breakdown,
    f.measured_bytes AS "measuredBytes", f.context_length AS "contextLength", f.slots, f.failure,
    ${epochMs('f.observed_at')} AS "failedAtMs"
  FROM footprints f
  WHERE EXISTS (SELECT FROM models m WHERE m.artifact = f.artifact AND m.engine = f.engine)`;

const LOAD_FAILURES = `
  SELECT deployment_id AS "deploymentId", runner_id AS "runnerId", device_key AS "deviceKey", settings, failures,
    message, ${epochMs('failed_at')} AS "failedAtMs"
  FROM load_failures`;

const rows = (query: string) => `(SELECT coalesce(jsonb_agg(to_jsonb(item)), '[]') FROM (${query}) AS item)`;

const OBSERVE = `
  SELECT ${epochMs('clock_timestamp()')} AS "nowMs", ${rows(WISHES)} AS wishes, ${rows(RUNNERS)} AS runners,
    ${rows(ASSIGNMENTS)} AS assignments, ${rows(REPLICAS)} AS replicas, ${rows(RESERVATIONS)} AS reservations,
    ${rows(FOOTPRINTS)} AS footprints, ${rows(LOAD_FAILURES)} AS "loadFailures"`;
