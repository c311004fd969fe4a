import type { DataSource } from '@millrace/adapters/postgres';

/** What seedFleet has made. */
export interface SeededFleet {
  runnerId: string;
}

/** Puts one runner that has just been heard into the database, as schedulers write it. */
export async function seedFleet(dataSource: DataSource, name = 'seeded'): Promise<SeededFleet> {
  const runnerId = `run_${name}`;
  await dataSource.query(
    `INSERT INTO runners (id, name, labels, credential_hash, engines, boot_id, software_version, last_heartbeat_at)
     VALUES ($1, $2, '{"zone":"b","rack":"7"}', $3, '{simulated}', 'boot', '1', now())`,
    [runnerId, name, `hash of ${name}`],
  );
  return { runnerId };
}
