// Starts a Postgres, prints its identity and stays, for the test that kills its starter.
import { join } from 'node:path';
import { startPostgres } from '../../../../dist/libs/adapters/embedded-stores/src/index.js';
import { identifyProcess } from '../../../../dist/libs/platform/process-identity/src/index.js';

const store = await startPostgres({ folder: join(process.argv[2], 'postgres'), password: 'a-password' });
process.stdout.write(JSON.stringify(await identifyProcess(store.pid)));
