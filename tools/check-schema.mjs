/** Migrates an empty database of a real Postgres and compares the result with what the entities describe. */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from './build.mjs';
import { PlainError, reportFailure } from './plain-error.mjs';

async function main() {
  await build();
  const { startPostgres } = await import('../dist/libs/adapters/embedded-stores/src/index.js');
  const { connectPostgres } = await import('../dist/libs/adapters/postgres/src/data-source.js');
  const { migrate, schemaDrift } = await import('../dist/libs/adapters/postgres/src/migrate.js');
  const home = await mkdtemp(join(tmpdir(), 'millrace-schema-'));
  // As root, Postgres runs as another user and must get in.
  await chmod(home, 0o711);
  const postgres = await startPostgres({ folder: join(home, 'postgres'), password: 'checked', ephemeral: true });
  try {
    const dataSource = await connectPostgres(postgres.url);
    await migrate(dataSource);
    const drift = await schemaDrift(dataSource);
    await dataSource.destroy();
    if (drift.length === 0) return;
    throw new PlainError(`Entities and migrations differ; a migration would have to say:\n${drift.join('\n')}`);
  } finally {
    await postgres.stop();
    await rm(home, { recursive: true, force: true });
  }
}

main().catch(reportFailure);
