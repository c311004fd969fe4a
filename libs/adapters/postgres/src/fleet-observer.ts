import type { FleetSnapshot } from '@millrace/domain/placement';
import type { DataSource } from 'typeorm';
import { toAssignment, toReplica, toReservation, toRunners, toWish, type FleetRow } from './fleet-rows.js';
import { knownFootprints } from './known-footprints.js';

/** A version of a deployment's wish. */
export interface WishVersion {
  deploymentId: string;
  generation: number;
}

/** The fleet at one instant of the database's clock. */
export interface ObservedFleet {
  snapshot: Omit<FleetSnapshot, 'freshReplicaIds'>;
  /** The term that each runner's assignments were decided in. */
  epochs: ReadonlyMap<string, number>;
  /** People have paused the scheduler: nothing is to be changed. */
  paused: boolean;
  /** Wishes that no plan has acted on yet. */
  newWishes: readonly WishVersion[];
}

/** Reads the whole fleet in one statement, so that all of it is of one instant. */
export class FleetObserver {
  constructor(private readonly dataSource: DataSource) {}

  /** `watchingSince` gets the instant of the observation; see `fleetHealth`. */
  async observe(watchingSince: (nowMs: number) => number): Promise<ObservedFleet> {
    const [row] = await this.dataSource.query<[FleetRow]>(OBSERVE);
    const { nowMs } = row;
    const times = { nowMs, watchingSinceMs: watchingSince(nowMs) };
    return {
      snapshot: {
        nowMs,
        wishes: row.wishes.map(toWish),
        runners: toRunners(row.runners, times),
        assignments: row.assignments.map(toAssignment),
        replicas: row.replicas.map(toReplica),
        reservations: row.reservations.map(toReservation),
        footprints: knownFootprints(row.footprints),
        loadFailures: row.loadFailures,
      },
      epochs: new Map(row.runners.map((runner) => [runner.runnerId, runner.epoch])),
      paused: row.paused,
      newWishes: row.wishes
        .filter(({ generation, observedGeneration }) => generation !== observedGeneration)
        .map(({ deploymentId, generation }) => ({ deploymentId, generation })),
    };
  }
}

const epochMs = (instant: string) => `round(extract(epoch FROM ${instant}) * 1000)::float8`;

const WISHES = `
  SELECT d.id AS "deploymentId", d.min_replicas AS "minReplicas", d.max_replicas AS "maxReplicas",
    d.per_runner AS "perRunner", d.paused, d.priority, d.pinned, d.keep_alive_seconds * 1000.0 AS "keepAliveMs",
    d.placement, d.generation, d.observed_generation AS "observedGeneration",
    jsonb_build_object(
      'modelName', m.name, 'artifact', m.artifact, 'engine', m.engine, 'engineOptions', m.engine_options,
      'contextLength', coalesce(d.context_length, 0), 'slots', coalesce(d.slots, 0)) AS spec
  FROM deployments d JOIN models m ON m.id = d.model_id
  ORDER BY d.id COLLATE "C"`;

const RUNNERS = `
  SELECT r.id AS "runnerId", r.name, r.labels || r.operator_labels AS labels, r.admin_state AS "adminState", r.engines,
    r.generation, r.epoch, r.observed_generation AS "observedGeneration",
    ${epochMs('r.last_heartbeat_at')} AS "lastHeartbeatAtMs",
    (SELECT coalesce(jsonb_agg(jsonb_build_object(
        'deviceKey', device_key, 'deviceType', device_type, 'totalBytes', total_bytes, 'freeBytes', free_bytes,
        'reserveBytes', reserve_bytes)), '[]')
      FROM devices WHERE runner_id = r.id) AS devices
  FROM runners r
  ORDER BY r.id COLLATE "C"`;

const ASSIGNMENTS = `
  SELECT replica_id AS "replicaId", deployment_id AS "deploymentId", runner_id AS "runnerId",
    device_key AS "deviceKey", peers, spec, settings, drain_reason AS "drainReason",
    ${epochMs('draining_since')} AS "drainingSinceMs"
  FROM assignments
  ORDER BY replica_id COLLATE "C"`;

const REPLICAS = `
  SELECT replica_id AS "replicaId", runner_id AS "runnerId", state, measured_bytes AS "measuredBytes", slots,
    context_length AS "contextLength", message, in_flight AS "inFlight", ${epochMs('ready_since')} AS "readySinceMs",
    ${epochMs('last_used_at')} AS "lastUsedAtMs"
  FROM replicas`;

const RESERVATIONS = `
  SELECT replica_id AS "replicaId", runner_id AS "runnerId", device_key AS "deviceKey", bytes, basis,
    ${epochMs('releasing_since')} AS "releasingSinceMs", releasing_for AS "releasingFor"
  FROM device_reservations`;

/** Of models that are deployed; others are kept for later and matter to no plan. */
const FOOTPRINTS = `
  SELECT f.artifact, f.engine, f.settings, f.device_type AS "deviceType", f.device_count AS "deviceCount", f.offloaded,
    f.basis, f.engine_version AS "engineVersion",
    jsonb_build_object('weightsBytes', f.weights_bytes, 'kvBytes', f.kv_bytes, 'computeBytes', f.compute_bytes,
      'overheadBytes', f.overhead_bytes) AS breakdown,
    f.measured_bytes AS "measuredBytes", f.peers, f.host, f.load_ms AS "loadMs", f.context_length AS "contextLength",
    f.slots, f.failure, ${epochMs('f.observed_at')} AS "failedAtMs"
  FROM footprints f
  WHERE EXISTS (SELECT FROM models m WHERE m.artifact = f.artifact AND m.engine = f.engine)`;

const LOAD_FAILURES = `
  SELECT deployment_id AS "deploymentId", runner_id AS "runnerId", device_key AS "deviceKey", settings, failures,
    message, ${epochMs('failed_at')} AS "failedAtMs"
  FROM load_failures`;

const rows = (query: string) => `(SELECT coalesce(jsonb_agg(to_jsonb(item)), '[]') FROM (${query}) AS item)`;

const OBSERVE = `
  SELECT ${epochMs('clock_timestamp()')} AS "nowMs", (SELECT paused FROM scheduler_switch WHERE id = 1) AS paused,
    ${rows(WISHES)} AS wishes, ${rows(RUNNERS)} AS runners, ${rows(ASSIGNMENTS)} AS assignments,
    ${rows(REPLICAS)} AS replicas, ${rows(RESERVATIONS)} AS reservations, ${rows(FOOTPRINTS)} AS footprints,
    ${rows(LOAD_FAILURES)} AS "loadFailures"`;
