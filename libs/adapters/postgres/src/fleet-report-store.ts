import type { EstimateBasis, FootprintBreakdown } from '@millrace/domain/footprint';
import { deviceReserveBytes, type FootprintKey, type ReplicaState } from '@millrace/domain/placement';
import type { DataSource } from 'typeorm';

/** One start of a runner's process. */
export interface RunnerBoot {
  runnerId: string;
  bootId: string;
}

export interface RunnerReport {
  observedGeneration: number;
  /** All its devices; an empty list means they are not read yet. */
  devices: readonly { deviceKey: string; deviceType: string; totalBytes: number; freeBytes: number }[];
  /** All its replicas; one that is not named is gone. */
  replicas: readonly {
    replicaId: string;
    state: ReplicaState;
    measuredBytes: number;
    slots: number;
    contextLength: number;
    message: string;
    progress: number;
    /** Attempts that it serves. */
    inFlight: number;
    /** How long ago it became ready; left out before. */
    readyForMs?: number | undefined;
    /** How long ago it served last, or became ready. */
    idleForMs: number;
    /** How long its load took; 0 until then. */
    loadMs: number;
  }[];
}

export type EstimateOutcome =
  | ({ outcome: 'known'; contextLength: number; slots: number } & EstimatedFootprint)
  | { outcome: 'failed'; failure: string };

/** Bytes before anything is loaded, and where they come from. */
export interface EstimatedFootprint {
  basis: EstimateBasis;
  breakdown: FootprintBreakdown;
  /** Empty when the engine did not tell. */
  engineVersion: string;
}

/** What runners report: written by whichever scheduler process holds their stream. */
export class FleetReportStore {
  constructor(private readonly dataSource: DataSource) {}

  /** A process of the runner has started or reconnected; reports of its other starts count no more. */
  async recordHello(
    boot: RunnerBoot,
    hello: { version: string; engines: readonly string[]; labels: Readonly<Record<string, string>> },
  ): Promise<void> {
    await this.dataSource.query(
      `UPDATE runners
       SET last_heartbeat_at = clock_timestamp(), software_version = $3, engines = $4, labels = $5::jsonb,
           observed_generation = CASE WHEN boot_id = $2 THEN observed_generation ELSE 0 END, boot_id = $2
       WHERE id = $1`,
      [boot.runnerId, boot.bootId, hello.version, hello.engines, JSON.stringify(hello.labels)],
    );
  }

  /** Replaces what is known of the runner's devices and replicas; false when another start of it has said hello since. */
  async recordReport(boot: RunnerBoot, report: RunnerReport): Promise<boolean> {
    return this.dataSource.transaction(async (transaction) => {
      const [, accepted] = await transaction.query<[unknown[], number]>(
        `UPDATE runners SET last_heartbeat_at = clock_timestamp(), observed_generation = $3
         WHERE id = $1 AND boot_id = $2`,
        [boot.runnerId, boot.bootId, report.observedGeneration],
      );
      if (accepted !== 1) return false;
      const devices = report.devices.map((device) => ({ ...device, reserveBytes: deviceReserveBytes(device) }));
      if (devices.length > 0) await transaction.query(REPLACE_DEVICES, [boot.runnerId, JSON.stringify(devices)]);
      await transaction.query(REPLACE_REPLICAS, [boot.runnerId, JSON.stringify(report.replicas)]);
      return true;
    });
  }

  /** Keeps an estimate, unless the footprint was measured before. */
  async recordEstimate(key: FootprintKey, estimate: EstimateOutcome): Promise<void> {
    const known = estimate.outcome === 'known' ? { ...estimate.breakdown, ...estimate } : undefined;
    await this.dataSource.query(
      `INSERT INTO footprints (artifact, engine, settings, device_type, device_count, offloaded, weights_bytes, kv_bytes,
         compute_bytes, overhead_bytes, context_length, slots, failure, basis, engine_version)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
       ON CONFLICT (artifact, engine, settings, device_type, device_count, offloaded) DO UPDATE
         SET weights_bytes = excluded.weights_bytes, kv_bytes = excluded.kv_bytes,
             compute_bytes = excluded.compute_bytes, overhead_bytes = excluded.overhead_bytes,
             context_length = excluded.context_length, slots = excluded.slots, failure = excluded.failure,
             basis = excluded.basis, engine_version = excluded.engine_version, observed_at = now()
         WHERE footprints.basis <> 'measured'`,
      [
        key.artifact,
        key.engine,
        key.settings,
        key.deviceType,
        key.deviceCount ?? 1,
        key.offloaded ?? false,
        known?.weightsBytes ?? 0,
        known?.kvBytes ?? 0,
        known?.computeBytes ?? 0,
        known?.overheadBytes ?? 0,
        known?.contextLength ?? 0,
        known?.slots ?? 0,
        estimate.outcome === 'failed' ? estimate.failure : null,
        known?.basis ?? 'engine_dry_run',
        known?.engineVersion ?? '',
      ],
    );
  }
}

const REPLACE_DEVICES = `
  WITH reported AS (
    SELECT DISTINCT ON ("deviceKey") * FROM jsonb_to_recordset($2::jsonb) AS device (
      "deviceKey" text, "deviceType" text, "totalBytes" bigint, "freeBytes" bigint, "reserveBytes" bigint)
  ), gone AS (
    DELETE FROM devices WHERE runner_id = $1 AND device_key NOT IN (SELECT "deviceKey" FROM reported)
  )
  INSERT INTO devices (runner_id, device_key, device_type, total_bytes, free_bytes, reserve_bytes)
  SELECT $1, "deviceKey", "deviceType", "totalBytes", "freeBytes", "reserveBytes" FROM reported
  ON CONFLICT (runner_id, device_key) DO UPDATE
    SET device_type = excluded.device_type, total_bytes = excluded.total_bytes, free_bytes = excluded.free_bytes,
        reserve_bytes = excluded.reserve_bytes, observed_at = now()`;

/**
 * A replica id that another runner reports stays with that runner. Ages become instants of the database's clock; a
 * runner that was started again and adopted a replica does not make it younger.
 */
const REPLACE_REPLICAS = `
  WITH reported AS (
    SELECT DISTINCT ON ("replicaId") * FROM jsonb_to_recordset($2::jsonb) AS replica (
      "replicaId" text, state text, "measuredBytes" bigint, slots integer, "contextLength" integer, message text,
      progress float8, "inFlight" integer, "readyForMs" float8, "idleForMs" float8, "loadMs" bigint)
  ), gone AS (
    DELETE FROM replicas WHERE runner_id = $1 AND replica_id NOT IN (SELECT "replicaId" FROM reported)
  )
  INSERT INTO replicas AS known (replica_id, runner_id, deployment_id, state, measured_bytes, slots, context_length,
    message, progress, in_flight, ready_since, last_used_at, load_ms)
  SELECT "replicaId", $1, assignments.deployment_id, state, "measuredBytes", slots, "contextLength", message, progress,
    "inFlight", clock_timestamp() - "readyForMs" * interval '1 millisecond',
    CASE WHEN "readyForMs" IS NULL THEN NULL ELSE clock_timestamp() - "idleForMs" * interval '1 millisecond' END,
    nullif("loadMs", 0)
  FROM reported LEFT JOIN assignments ON assignments.replica_id = "replicaId"
  ON CONFLICT (replica_id) DO UPDATE
    SET deployment_id = coalesce(excluded.deployment_id, known.deployment_id), state = excluded.state,
        measured_bytes = excluded.measured_bytes, slots = excluded.slots, context_length = excluded.context_length,
        message = excluded.message, progress = excluded.progress, in_flight = excluded.in_flight,
        ready_since = least(known.ready_since, excluded.ready_since), last_used_at = excluded.last_used_at,
        load_ms = coalesce(excluded.load_ms, known.load_ms), observed_at = now()
    WHERE known.runner_id = excluded.runner_id`;
