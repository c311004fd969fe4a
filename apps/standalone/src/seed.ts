import {
  AgentStore,
  CatalogueStore,
  connectPostgres,
  migrate,
  RunnerStore,
  TenancyStore,
} from '@millrace/adapters/postgres';
import { hashSecret, secretPrefix } from '@millrace/domain/tenancy';
import { ensureExampleAgent } from './example-agent.js';
import type { Secrets } from './secrets.js';
import type { StarterModel } from './served-model.js';

/** The tenant of the operator's own keys, and the one that a newcomer's API key belongs to. */
const OPERATOR_TENANT = 'operator';
const FIRST_TENANT = 'default';

/** Brings the schema up to date and makes sure of keys, join token, starter deployment and example agent; every start. */
export async function migrateAndSeed(wish: {
  databaseUrl: string;
  secrets: Secrets;
  model: StarterModel;
  engineOptions: Readonly<Record<string, unknown>>;
}): Promise<void> {
  const dataSource = await connectPostgres(wish.databaseUrl, { applicationName: 'millrace up', poolSize: 2 });
  try {
    await migrate(dataSource);
    const tenancy = new TenancyStore(dataSource);
    const tenantId = await seedKeys(tenancy, wish.secrets);
    await new RunnerStore(dataSource).ensureJoinToken(stored(wish.secrets, wish.secrets.joinToken));
    const { model, engineOptions } = wish;
    await new CatalogueStore(dataSource).ensureStarterDeployment({ ...model, engineOptions });
    await seedAgent({ tenancy, agents: new AgentStore(dataSource) }, tenantId, wish);
  } finally {
    await dataSource.destroy();
  }
}

/** Answers the id of the newcomer's tenant. */
async function seedKeys(tenancy: TenancyStore, secrets: Secrets): Promise<string> {
  const operator = await tenancy.ensureTenant(OPERATOR_TENANT);
  await tenancy.ensureApiKey(operator, { kind: 'operator', name: 'first', ...stored(secrets, secrets.operatorKey) });
  const tenant = await tenancy.ensureTenant(FIRST_TENANT);
  await tenancy.ensureApiKey(tenant, { kind: 'inference', name: 'first', ...stored(secrets, secrets.apiKey) });
  return tenant;
}

async function seedAgent(
  { tenancy, agents }: { tenancy: TenancyStore; agents: AgentStore },
  tenantId: string,
  { secrets, model }: { secrets: Secrets; model: StarterModel },
): Promise<void> {
  const key = stored(secrets, secrets.agentKey);
  const known = (await tenancy.findApiKeys([key.secretHash])).get(key.secretHash)?.agentId;
  const agentId = await ensureExampleAgent(agents, tenantId, { model: model.name, known });
  await tenancy.ensureApiKey(tenantId, { kind: 'agent', agentId, name: 'first', ...key });
}

/** What a store may know of a secret. */
function stored(secrets: Secrets, secret: string): { prefix: string; secretHash: string } {
  return { prefix: secretPrefix(secret), secretHash: hashSecret(secrets.pepper, secret) };
}
