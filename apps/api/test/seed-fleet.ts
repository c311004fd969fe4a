import type { DataSource } from '@millrace/adapters/postgres';

/** What seedFleet has made. */
export interface SeededFleet {
  runnerId: string;
  /** On one of the runner's devices, and serving. */
  replicaId: string;
}

export const GIB = 2 ** 30;

/** Puts one runner that has just been heard into the database, as schedulers write it. */
export async function seedFleet(dataSource: DataSource, name = 'seeded'): Promise<SeededFleet> {
  const [runnerId, replicaId] = [`run_${name}`, `rep_${name}`];
  await dataSource.query(
    `INSERT INTO runners (id, name, labels, credential_hash, engines, boot_id, software_version, last_heartbeat_at)
     VALUES ($1, $2, '{"zone":"b","rack":"7"}', $3, '{simulated}', 'boot', '1', now())`,
    [runnerId, name, `hash of ${name}`],
  );
  await dataSource.query(
    `INSERT INTO devices (runner_id, device_key, device_type, total_bytes, free_bytes, reserve_bytes)
     VALUES ($1, 'cuda-0', 'L4', $2, $3, $4)`,
    [runnerId, 24 * GIB, 15 * GIB, GIB],
  );
  await dataSource.query(
    `INSERT INTO assignments (replica_id, runner_id, deployment_id, device_key, spec, settings, generation, epoch)
     VALUES ($1, $2, 'dep_1', 'cuda-0', '{}', '{}', 1, 1)`,
    [replicaId, runnerId],
  );
  await dataSource.query(
    `INSERT INTO replicas (replica_id, runner_id, deployment_id, state, measured_bytes, slots, context_length, in_flight)
     VALUES ($1, $2, 'dep_1', 'ready', $3, 4, 4096, 2)`,
    [replicaId, runnerId, 6 * GIB],
  );
  await dataSource.query(
    `INSERT INTO device_reservations (runner_id, device_key, replica_id, bytes, basis, epoch)
     VALUES ($1, 'cuda-0', $2, $3, 'measured', 1)`,
    [runnerId, replicaId, 6 * GIB],
  );
  return { runnerId, replicaId };
}
