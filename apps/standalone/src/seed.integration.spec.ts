import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectPostgres, type DataSource } from '@millrace/adapters/postgres';
import { hashSecret } from '@millrace/domain/tenancy';
import { createTestDatabase, type TestDatabase } from '@millrace/testing';
import { homeAt, prepareHome, type Home } from './home.js';
import { ensureSecrets } from './secrets.js';
import { migrateAndSeed } from './seed.js';

let database: TestDatabase;
let dataSource: DataSource;
let home: Home;

beforeEach(async () => {
  database = await createTestDatabase();
  dataSource = await connectPostgres(database.url);
  home = homeAt(await mkdtemp(join(tmpdir(), 'millrace-seed-')));
  await prepareHome(home);
});

afterEach(async () => {
  await dataSource.destroy();
  await database.drop();
  await rm(home.folder, { recursive: true, force: true });
});

/** What a start does with the stores. */
async function start() {
  const model = { name: 'tiny', artifact: '/tiny.gguf', engine: 'llama-cpp' } as const;
  return migrateAndSeed({
    databaseUrl: database.url,
    home,
    secrets: await ensureSecrets(home),
    model,
    engineOptions: {},
  });
}

const keys = () =>
  dataSource.query<{ kind: string; tenant: string; secret_hash: string }[]>(
    'SELECT k.kind, t.name AS tenant, k.secret_hash FROM api_keys k JOIN tenants t ON t.id = k.tenant_id ORDER BY k.kind',
  );

describe('what npm start sets up', () => {
  it('is there once, however often it starts, and is in the audit log', async () => {
    const secrets = await start();
    expect(await start()).toEqual(secrets);
    const hash = (secret: string) => hashSecret(secrets.pepper, secret);
    expect(await keys()).toEqual([
      { kind: 'agent', tenant: 'default', secret_hash: hash(secrets.agentKey) },
      { kind: 'inference', tenant: 'default', secret_hash: hash(secrets.apiKey) },
      { kind: 'operator', tenant: 'operator', secret_hash: hash(secrets.operatorKey) },
    ]);
    const entries = await dataSource.query<{ resource_kind: string; after: object }[]>(
      `SELECT resource_kind, after FROM audit_log WHERE actor_kind = 'npm start' ORDER BY id`,
    );
    const made = entries.map((entry) => entry.resource_kind).toSorted();
    expect(made).toEqual(['agent', 'api-key', 'api-key', 'api-key', 'tenant', 'tenant']);
    expect(JSON.stringify(entries)).not.toContain(hash(secrets.apiKey));
  });

  it('keeps its keys when their tenant is renamed', async () => {
    const secrets = await start();
    await dataSource.query(`UPDATE tenants SET name = 'ours' WHERE name = 'default'`);
    expect(await start()).toEqual(secrets);
    expect((await keys()).map(({ tenant }) => tenant)).toEqual(['ours', 'ours', 'operator']);
  });

  it.each([
    ['deleted', `DELETE FROM api_keys WHERE kind = 'inference'`],
    ['rotated', `UPDATE api_keys SET secret_hash = 'other' WHERE kind = 'inference'`],
    ['deleted with its tenant', `DELETE FROM tenants WHERE name = 'default'`],
    [
      'rotated until after the overlap',
      `UPDATE api_keys SET previous_secret_hash = secret_hash, previous_secret_expires_at = now(), secret_hash = 'other'
       WHERE kind = 'inference'`,
    ],
  ])('gets a new secret for a key that was %s, as the old one must not work again', async (_, statement) => {
    const before = await start();
    await dataSource.query(statement);
    const after = await start();
    expect(after.apiKey).not.toBe(before.apiKey);
    expect(after.operatorKey).toBe(before.operatorKey);
    expect(await ensureSecrets(home)).toEqual(after);
    const hashes = (await keys()).map((key) => key.secret_hash);
    expect(hashes).toContain(hashSecret(after.pepper, after.apiKey));
    expect(hashes).not.toContain(hashSecret(after.pepper, before.apiKey));
  });

  it("gets a new operator's key for one that was disabled, which stays so", async () => {
    const before = await start();
    await dataSource.query(`UPDATE api_keys SET disabled = true WHERE kind = 'operator'`);
    const after = await start();
    expect(after).toEqual({ ...before, operatorKey: expect.not.stringMatching(before.operatorKey) as string });
    const rows = await dataSource.query<{ disabled: boolean; secret_hash: string }[]>(
      `SELECT disabled, secret_hash FROM api_keys WHERE kind = 'operator' ORDER BY id`,
    );
    expect(rows).toEqual([
      { disabled: true, secret_hash: hashSecret(before.pepper, before.operatorKey) },
      { disabled: false, secret_hash: hashSecret(before.pepper, after.operatorKey) },
    ]);
  });

  it("leaves a tenant's key disabled that was disabled", async () => {
    const before = await start();
    await dataSource.query(`UPDATE api_keys SET disabled = true WHERE kind = 'inference'`);
    expect(await start()).toEqual(before);
    const rows = await dataSource.query<unknown[]>(`SELECT 1 FROM api_keys WHERE disabled`);
    expect(rows).toHaveLength(1);
  });
});
