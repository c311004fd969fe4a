import { CatalogueStore, connectPostgres, migrate, RunnerStore, TenancyStore } from '@millrace/adapters/postgres';
import { hashSecret, secretPrefix } from '@millrace/domain/tenancy';
import type { Secrets } from './secrets.js';
import type { StarterModel } from './served-model.js';

/** The tenant of the operator's own keys, and the one that a newcomer's API key belongs to. */
const OPERATOR_TENANT = 'operator';
const FIRST_TENANT = 'default';

/** Brings the schema up to date and makes sure of keys, join token and the starter deployment; every start again. */
export async function migrateAndSeed(wish: {
  databaseUrl: string;
  secrets: Secrets;
  model: StarterModel;
  engineOptions: Readonly<Record<string, unknown>>;
}): Promise<void> {
  const dataSource = await connectPostgres(wish.databaseUrl, { applicationName: 'millrace up', poolSize: 2 });
  try {
    await migrate(dataSource);
    await seedKeys(new TenancyStore(dataSource), wish.secrets);
    await new RunnerStore(dataSource).ensureJoinToken(stored(wish.secrets, wish.secrets.joinToken));
    const { model, engineOptions } = wish;
    await new CatalogueStore(dataSource).ensureStarterDeployment({ ...model, engineOptions });
  } finally {
    await dataSource.destroy();
  }
}

async function seedKeys(tenancy: TenancyStore, secrets: Secrets): Promise<void> {
  const operator = await tenancy.ensureTenant(OPERATOR_TENANT);
  await tenancy.ensureApiKey(operator, { kind: 'operator', name: 'first', ...stored(secrets, secrets.operatorKey) });
  const tenant = await tenancy.ensureTenant(FIRST_TENANT);
  await tenancy.ensureApiKey(tenant, { kind: 'inference', name: 'first', ...stored(secrets, secrets.apiKey) });
}

/** What a store may know of a secret. */
function stored(secrets: Secrets, secret: string): { prefix: string; secretHash: string } {
  return { prefix: secretPrefix(secret), secretHash: hashSecret(secrets.pepper, secret) };
}
