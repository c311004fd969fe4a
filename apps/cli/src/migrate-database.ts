import { connectPostgres, migrate } from '@millrace/adapters/postgres';
import { readProcessSettings } from '@millrace/platform/config';

/** Brings the schema at DATABASE_URL up to date. */
export async function migrateDatabase(): Promise<void> {
  const { DATABASE_URL } = readProcessSettings('migrate');
  const dataSource = await connectPostgres(DATABASE_URL, { applicationName: 'millrace migrate', poolSize: 2 });
  try {
    const { applied } = await migrate(dataSource);
    process.stdout.write(
      applied.length === 0 ? 'The schema is up to date.\n' : applied.map((name) => `Applied ${name}\n`).join(''),
    );
  } finally {
    await dataSource.destroy();
  }
}
