import type { DataSource } from 'typeorm';
import type { Page, PageWish } from './newest-first.js';

/** A device with its account: what replicas have of it and what others do. */
export interface ShownDevice {
  /** `{runnerId}/{deviceKey}`. */
  id: string;
  runnerId: string;
  runnerName: string;
  deviceKey: string;
  deviceType: string;
  totalBytes: number;
  /** By its own count. */
  freeBytes: number;
  /** Never given to replicas. */
  reserveBytes: number;
  /** In the ledger. */
  reservedBytes: number;
  /** Of the reserved bytes, those that rest on a measurement. */
  measuredBytes: number;
  /** In use by others than replicas, as far as its own count shows. */
  unmanagedBytes: number;
  replicas: string[];
  observedAt: Date;
}

/** By what a list of devices can be narrowed. */
export interface DeviceFilters {
  runnerId?: string | undefined;
  deviceType?: string | undefined;
}

/** The devices of the fleet, as operators see them. */
export class DeviceAdminStore {
  constructor(private readonly dataSource: DataSource) {}

  async list({ runnerId, deviceType }: DeviceFilters, { limit, after }: PageWish): Promise<Page<ShownDevice>> {
    const rows = await this.dataSource.query<ShownDevice[]>(
      `SELECT * FROM (${DEVICES}) AS shown
       WHERE ($1::text IS NULL OR "runnerId" = $1) AND ($2::text IS NULL OR "deviceType" = $2)
         AND ($3::text IS NULL OR id COLLATE "C" < $3)
       ORDER BY id COLLATE "C" DESC LIMIT $4`,
      [runnerId, deviceType, after, limit + 1],
    );
    return { entries: rows.slice(0, limit), hasMore: rows.length > limit };
  }
}

/** A replica has its memory, as planning counts it, once it serves; until then its bytes are still free. */
const DEVICES = `
  SELECT d.runner_id || '/' || d.device_key AS id, d.runner_id AS "runnerId", n.name AS "runnerName",
    d.device_key AS "deviceKey", d.device_type AS "deviceType", d.total_bytes::float8 AS "totalBytes",
    d.free_bytes::float8 AS "freeBytes", d.reserve_bytes::float8 AS "reserveBytes",
    account."reservedBytes", account."measuredBytes",
    greatest(0, d.total_bytes - d.free_bytes - account.allocated)::float8 AS "unmanagedBytes", account.replicas,
    d.observed_at AS "observedAt"
  FROM devices d JOIN runners n ON n.id = d.runner_id
    CROSS JOIN LATERAL (
      SELECT coalesce(sum(l.bytes), 0)::float8 AS "reservedBytes",
        coalesce(sum(l.bytes) FILTER (WHERE l.basis = 'measured'), 0)::float8 AS "measuredBytes",
        coalesce(sum(l.bytes) FILTER (WHERE r.state IN ('ready', 'draining')), 0) AS allocated,
        coalesce(array_agg(l.replica_id ORDER BY l.replica_id), '{}') AS replicas
      FROM device_reservations l LEFT JOIN replicas r ON r.replica_id = l.replica_id
      WHERE l.runner_id = d.runner_id AND l.device_key = d.device_key) AS account`;
