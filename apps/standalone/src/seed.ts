import {
  AgentStore,
  CatalogueStore,
  connectPostgres,
  migrate,
  RunnerStore,
  TenancyStore,
  type ApiKeyDraft,
} from '@millrace/adapters/postgres';
import { storedSecret, type StoredSecret } from '@millrace/domain/tenancy';
import { ensureExampleAgent } from './example-agent.js';
import type { Home } from './home.js';
import { renewSecrets, type KeyName, type Secrets } from './secrets.js';
import type { StarterModel } from './served-model.js';

/** The tenant of the operator's own keys, and the one that a newcomer's API key belongs to. */
const OPERATOR_TENANT = 'operator';
const FIRST_TENANT = 'default';

const KEYS = ['operatorKey', 'apiKey', 'agentKey'] as const satisfies readonly KeyName[];

/**
 * Brings the schema up to date and makes sure of keys, join token, starter deployment and example agent; every start.
 * Answers the secrets that hold from now on: one whose key was deleted, rotated or has expired is replaced by a new one, and so
 * is a disabled operator's: nothing could be administered with it.
 */
export async function migrateAndSeed(wish: {
  databaseUrl: string;
  home: Home;
  secrets: Secrets;
  model: StarterModel;
  engineOptions: Readonly<Record<string, unknown>>;
}): Promise<Secrets> {
  const dataSource = await connectPostgres(wish.databaseUrl, { applicationName: 'millrace up', poolSize: 2 });
  try {
    await migrate(dataSource);
    const tenancy = new TenancyStore(dataSource);
    const secrets = await renewWithdrawn(tenancy, wish);
    await seedKey(tenancy, OPERATOR_TENANT, { kind: 'operator', ...storedSecret(secrets.pepper, secrets.operatorKey) });
    const tenantId = await seedKey(tenancy, FIRST_TENANT, {
      kind: 'inference',
      ...storedSecret(secrets.pepper, secrets.apiKey),
    });
    await new RunnerStore(dataSource).ensureJoinToken(storedSecret(secrets.pepper, secrets.joinToken));
    const { model, engineOptions } = wish;
    await new CatalogueStore(dataSource).ensureStarterDeployment({ ...model, engineOptions });
    await seedAgent({ tenancy, agents: new AgentStore(dataSource) }, tenantId, { secrets, model });
    return secrets;
  } finally {
    await dataSource.destroy();
  }
}

/** A secret that was withdrawn must not work again because it is still in the home. */
async function renewWithdrawn(
  tenancy: TenancyStore,
  { home, secrets }: { home: Home; secrets: Secrets },
): Promise<Secrets> {
  const withdrawn: KeyName[] = [];
  for (const name of KEYS)
    if (await isWithdrawn(tenancy, storedSecret(secrets.pepper, secrets[name]))) withdrawn.push(name);
  return withdrawn.length === 0 ? secrets : renewSecrets(home, secrets, withdrawn);
}

async function isWithdrawn(tenancy: TenancyStore, { prefix, secretHash }: StoredSecret): Promise<boolean> {
  const record = (await tenancy.findApiKeys([secretHash])).get(secretHash);
  if (record === undefined) return tenancy.wasSetUp(prefix);
  const hasExpired = record.expiresAtMs !== undefined && record.expiresAtMs <= Date.now();
  return hasExpired || (record.kind === 'operator' && record.disabled);
}

/** Answers the id of the key's tenant, which may have another name by now. */
async function seedKey(tenancy: TenancyStore, tenantName: string, key: Omit<ApiKeyDraft, 'name'>): Promise<string> {
  const known = (await tenancy.findApiKeys([key.secretHash])).get(key.secretHash);
  if (known !== undefined) return known.tenantId;
  const tenantId = await tenancy.ensureTenant(tenantName);
  await tenancy.ensureApiKey(tenantId, { ...key, name: 'first' });
  return tenantId;
}

async function seedAgent(
  { tenancy, agents }: { tenancy: TenancyStore; agents: AgentStore },
  tenantId: string,
  { secrets, model }: { secrets: Secrets; model: StarterModel },
): Promise<void> {
  const key = storedSecret(secrets.pepper, secrets.agentKey);
  const known = (await tenancy.findApiKeys([key.secretHash])).get(key.secretHash);
  const owner = known?.tenantId ?? tenantId;
  const agentId = await ensureExampleAgent(agents, owner, { model: model.name, known: known?.agentId });
  if (known === undefined) await tenancy.ensureApiKey(owner, { kind: 'agent', agentId, name: 'first', ...key });
}
