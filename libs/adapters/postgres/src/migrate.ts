import type { DataSource } from 'typeorm';
import { migrations } from './migrations/migrations.js';

/** The database was migrated by a newer version of millrace. */
export class SchemaNewerError extends Error {
  override readonly name = 'SchemaNewerError';
}

/** Any constant will do: it only has to be the same in every process that migrates. */
const MIGRATION_LOCK = 5_183_220;

/**
 * Brings the schema up to this version; several processes may call it at once.
 * Throws SchemaNewerError when the database knows migrations that this version does not.
 */
export async function migrate(dataSource: DataSource): Promise<{ applied: string[] }> {
  const lockHolder = dataSource.createQueryRunner();
  try {
    await lockHolder.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await rejectNewerSchema(dataSource);
    const applied = await dataSource.runMigrations({ transaction: 'all' });
    return { applied: applied.map((migration) => migration.name) };
  } finally {
    await lockHolder.query('SELECT pg_advisory_unlock($1)', [MIGRATION_LOCK]);
    await lockHolder.release();
  }
}

/** What would have to change in the database to match the entities; empty after `migrate`. */
export async function schemaDrift(dataSource: DataSource): Promise<string[]> {
  const changes = await dataSource.driver.createSchemaBuilder().log();
  return changes.upQueries.map((change) => change.query);
}

async function rejectNewerSchema(dataSource: DataSource): Promise<void> {
  const [table] = await dataSource.query<[{ found: boolean }]>(
    `SELECT to_regclass('schema_migrations') IS NOT NULL AS found`,
  );
  if (!table.found) return;
  const known = new Set(migrations.map((migration) => migration.name));
  const rows = await dataSource.query<{ name: string }[]>('SELECT name FROM schema_migrations ORDER BY id');
  const unknown = rows.find((row) => !known.has(row.name));
  if (unknown !== undefined) {
    throw new SchemaNewerError(
      `The database was written by a newer version of millrace (it has the migration ${unknown.name}): ` +
        'start that version, or use another database.',
    );
  }
}
