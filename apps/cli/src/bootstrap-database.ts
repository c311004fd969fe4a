import { connectPostgres, migrate, RunnerStore, TenancyStore } from '@millrace/adapters/postgres';
import { storedSecret } from '@millrace/domain/tenancy';
import { readProcessSettings } from '@millrace/platform/config';
import { newSecret } from '@millrace/platform/ids';
import { ClientError } from './client/client-error.js';
import type { Terminal } from './client/terminal.js';

/** The tenant of the operators' own keys, as `npm start` names it. */
const OPERATOR_TENANT = 'operator';

/**
 * Brings the schema at DATABASE_URL up to date and makes an operator key and a join token, which are shown this once.
 * Throws ClientError when there is an operator key that works, unless `another` asks for one more.
 */
export async function bootstrapDatabase(wish: { another?: true; json?: true }, terminal: Terminal): Promise<void> {
  const { DATABASE_URL, MILLRACE_KEY_PEPPER: pepper } = readProcessSettings('bootstrap');
  const dataSource = await connectPostgres(DATABASE_URL, { applicationName: 'millrace bootstrap', poolSize: 2 });
  try {
    await migrate(dataSource);
    const tenancy = new TenancyStore(dataSource, { kind: 'bootstrap' });
    if (wish.another !== true) await rejectSecondKey(tenancy);
    const operatorKey = newSecret('operator');
    const joinToken = newSecret('join');
    const tenantId = await tenancy.ensureTenant(OPERATOR_TENANT);
    await tenancy.ensureApiKey(tenantId, { kind: 'operator', name: 'bootstrap', ...storedSecret(pepper, operatorKey) });
    await new RunnerStore(dataSource).ensureJoinToken(storedSecret(pepper, joinToken));
    terminal.note('Keep both now: nothing shows them again.');
    terminal.print(
      wish.json === true
        ? `${JSON.stringify({ operatorKey, joinToken })}\n`
        : `MILLRACE_KEY=${operatorKey}\nMILLRACE_JOIN_TOKEN=${joinToken}\n`,
    );
  } finally {
    await dataSource.destroy();
  }
}

async function rejectSecondKey(tenancy: TenancyStore): Promise<void> {
  const prefixes = await tenancy.workingOperatorKeys();
  if (prefixes.length === 0) return;
  throw new ClientError(
    `There are operator keys that work (${prefixes.map((prefix) => `${prefix}…`).join(', ')}): use one of them, ` +
      'or make one more with ./millrace bootstrap --another.',
  );
}
