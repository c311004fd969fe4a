import { createTestDatabase, type TestDatabase } from '@millrace/testing';
import type { DataSource } from 'typeorm';
import { connectPostgres } from './data-source.js';
import { CatalogueStore, migrate, RunnerStore, SchemaNewerError, TenancyStore } from './index.js';
import { schemaDrift } from './migrate.js';
import { migrations } from './migrations/migrations.js';

let database: TestDatabase;
let dataSource: DataSource;

beforeAll(async () => {
  database = await createTestDatabase();
  dataSource = await connectPostgres(database.url);
  await migrate(dataSource);
});

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

describe('the schema', () => {
  it('has nothing left to apply after it was migrated', async () => {
    expect(await migrate(dataSource)).toEqual({ applied: [] });
  });

  it('matches the entities', async () => {
    expect(await schemaDrift(dataSource)).toEqual([]);
  });

  it('is migrated once when two processes start together', async () => {
    const fresh = await createTestDatabase();
    const both = await Promise.all([connectPostgres(fresh.url), connectPostgres(fresh.url)]);
    const results = await Promise.all(both.map((one) => migrate(one)));
    expect(results.map((result) => result.applied.length).sort()).toEqual([0, migrations.length]);
    await Promise.all(both.map((one) => one.destroy()));
    await fresh.drop();
  });

  it('can be undone', async () => {
    const fresh = await createTestDatabase();
    const undone = await connectPostgres(fresh.url);
    await migrate(undone);
    await undone.undoLastMigration();
    expect((await migrate(undone)).applied).toEqual(migrations.slice(-1).map(({ name }) => name));
    await undone.destroy();
    await fresh.drop();
  });

  it('is refused in one sentence when a newer version wrote it', async () => {
    await dataSource.query(`INSERT INTO schema_migrations (timestamp, name) VALUES (9, 'Later9')`);
    await expect(migrate(dataSource)).rejects.toThrow(SchemaNewerError);
    await expect(migrate(dataSource)).rejects.toThrow(/newer version of millrace .*Later9/);
    await dataSource.query(`DELETE FROM schema_migrations WHERE name = 'Later9'`);
  });
});

describe('TenancyStore', () => {
  it('makes a tenant and a key once and finds the key by its hash', async () => {
    const tenancy = new TenancyStore(dataSource);
    const tenantId = await tenancy.ensureTenant('acme');
    expect(await tenancy.ensureTenant('acme')).toBe(tenantId);
    const draft = { kind: 'inference', name: 'first', prefix: 'mr-inference-ab', secretHash: 'h1' } as const;
    const keyId = await tenancy.ensureApiKey(tenantId, draft);
    expect(await tenancy.ensureApiKey(tenantId, draft)).toBe(keyId);
    expect((await tenancy.findApiKeys(['h1', 'unknown'])).get('h1')).toEqual({
      keyId,
      tenantId,
      kind: 'inference',
      disabled: false,
      tenantDisabled: false,
      limits: { tenant: {}, key: {} },
    });
    expect((await tenancy.findApiKeys(['unknown'])).size).toBe(0);
  });

  it('finds a key by the secret before its rotation until that expires, with the limits and models of both levels', async () => {
    const tenancy = new TenancyStore(dataSource);
    const tenantId = await tenancy.ensureTenant('limited');
    const draft = { kind: 'inference', name: 'k', prefix: 'mr-inference-ef', secretHash: 'h3' } as const;
    const keyId = await tenancy.ensureApiKey(tenantId, draft);
    await dataSource.query(
      `UPDATE api_keys SET previous_secret_hash = 'h0', previous_secret_expires_at = '2030-01-01Z',
         expires_at = '2040-01-01Z', requests_per_minute = 5 WHERE id = $1`,
      [keyId],
    );
    await dataSource.query(`UPDATE tenants SET tokens_per_month = 5000000000, allowed_models = '{one}' WHERE id = $1`, [
      tenantId,
    ]);
    const limits = { tenant: { tokensPerMonth: 5_000_000_000 }, key: { requestsPerMinute: 5 } };
    const common = { keyId, limits, tenantAllowedModels: ['one'] };
    const found = await tenancy.findApiKeys(['h0', 'h3']);
    expect(found.get('h0')).toMatchObject({ ...common, expiresAtMs: Date.parse('2030-01-01Z') });
    expect(found.get('h3')).toMatchObject({ ...common, expiresAtMs: Date.parse('2040-01-01Z') });
  });

  it('moves the last use of a key forward only', async () => {
    const tenancy = new TenancyStore(dataSource);
    const draft = { kind: 'inference', name: 'k', prefix: 'mr-inference-gh', secretHash: 'h4' } as const;
    const keyId = await tenancy.ensureApiKey(await tenancy.ensureTenant('used'), draft);
    await tenancy.noteKeyUse([
      { keyId, usedAtMs: 1_700_000_000_000 },
      { keyId: 'key_gone', usedAtMs: 1 },
    ]);
    await tenancy.noteKeyUse([{ keyId, usedAtMs: 1_600_000_000_000 }]);
    const rows = await dataSource.query<unknown[]>('SELECT last_used_at FROM api_keys WHERE id = $1', [keyId]);
    expect(rows).toEqual([{ last_used_at: new Date(1_700_000_000_000) }]);
  });

  it('does not give a key to a second tenant', async () => {
    const tenancy = new TenancyStore(dataSource);
    const draft = { kind: 'inference', name: 'k', prefix: 'mr-inference-cd', secretHash: 'h2' } as const;
    await tenancy.ensureApiKey(await tenancy.ensureTenant('one'), draft);
    const other = await tenancy.ensureTenant('two');
    await expect(tenancy.ensureApiKey(other, draft)).rejects.toThrow('belongs to another tenant');
  });
});

describe('CatalogueStore', () => {
  const tiny = { name: 'millrace-tiny', artifact: '/tiny.gguf', engine: 'llama-cpp', engineOptions: {} };

  it('keeps exactly one starter deployment', async () => {
    const catalogue = new CatalogueStore(dataSource);
    const first = await catalogue.ensureStarterDeployment(tiny);
    expect(await catalogue.ensureStarterDeployment(tiny)).toEqual(first);
    expect(await catalogue.ensureStarterDeployment({ ...tiny, artifact: '/other.gguf' })).toEqual(first);
    const second = await catalogue.ensureStarterDeployment({ ...tiny, name: 'mine' });
    expect(await catalogue.listServedModels()).toEqual([
      {
        ...{ ...second, name: 'mine', createdAtMs: expect.any(Number) as number },
        ...{ paused: false, loaded: false, deadlines: {} },
      },
    ]);
  });

  it('raises the generation of the wish only when the model changes', async () => {
    const catalogue = new CatalogueStore(dataSource);
    const generations: number[] = [];
    for (const artifact of ['/a.gguf', '/a.gguf', '/b.gguf']) {
      const { deploymentId } = await catalogue.ensureStarterDeployment({ ...tiny, artifact });
      const rows = await dataSource.query<{ generation: string }[]>(
        'SELECT generation FROM deployments WHERE id = $1',
        [deploymentId],
      );
      generations.push(Number(rows[0]?.generation));
    }
    expect(generations).toEqual([1, 1, 2]);
  });

  it('lists the deadlines that a deployment sets', async () => {
    const catalogue = new CatalogueStore(dataSource);
    const { deploymentId } = await catalogue.ensureStarterDeployment(tiny);
    await dataSource.query(
      'UPDATE deployments SET start_deadline_ms = 1, first_token_deadline_ms = 2, total_deadline_ms = 4 WHERE id = $1',
      [deploymentId],
    );
    const [model] = await catalogue.listServedModels();
    expect(model?.deadlines).toEqual({ startDeadlineMs: 1, firstTokenDeadlineMs: 2, totalDeadlineMs: 4 });
  });

  it('takes no deadline that has passed before it begins', async () => {
    await new CatalogueStore(dataSource).ensureStarterDeployment(tiny);
    const none = dataSource.query('UPDATE deployments SET inter_token_deadline_ms = 0');
    await expect(none).rejects.toThrow('deployments_deadlines_check');
  });
});

describe('RunnerStore', () => {
  it('exchanges a join token, and keeps the identity of a runner that joins again', async () => {
    const runners = new RunnerStore(dataSource);
    await runners.ensureJoinToken({ prefix: 'mr-join-ab', secretHash: 'join-1' });
    await runners.ensureJoinToken({ prefix: 'mr-join-ab', secretHash: 'join-1' });
    const draft = { joinTokenHash: 'join-1', name: 'node-a', labels: { zone: 'x' }, credentialHash: 'cred-1' };
    const first = await runners.joinRunner(draft);
    const second = await runners.joinRunner({ ...draft, credentialHash: 'cred-2' });
    expect(second).toEqual(first);
    expect(await runners.findRunnerByCredential('cred-1')).toBeUndefined();
    expect(await runners.findRunnerByCredential('cred-2')).toEqual({ ...first, name: 'node-a' });
  });

  it('leaves the identity of a runner that is connected as it is', async () => {
    const runners = new RunnerStore(dataSource);
    await runners.ensureJoinToken({ prefix: 'p', secretHash: 'join-2' });
    const draft = { joinTokenHash: 'join-2', name: 'node-c', labels: {}, credentialHash: 'cred-4' };
    await runners.joinRunner(draft);
    const again = await runners.joinRunner({ ...draft, credentialHash: 'cred-5', isConnected: true });
    expect(again).toEqual({
      taken: expect.stringMatching(/^A runner named "node-c" is connected: stop it, or/) as string,
    });
    expect(await runners.findRunnerByCredential('cred-4')).toMatchObject({ name: 'node-c' });
  });

  it('says why a join token is refused', async () => {
    const runners = new RunnerStore(dataSource);
    const draft = { name: 'node-b', labels: {}, credentialHash: 'cred-3' };
    await runners.ensureJoinToken({ prefix: 'p', secretHash: 'join-revoked' });
    await runners.ensureJoinToken({ prefix: 'p', secretHash: 'join-expired' });
    await dataSource.query(`UPDATE join_tokens SET revoked = true WHERE secret_hash = 'join-revoked'`);
    await dataSource.query(`UPDATE join_tokens SET expires_at = now() WHERE secret_hash = 'join-expired'`);
    const refusals = await Promise.all(
      ['nothing', 'join-revoked', 'join-expired'].map((joinTokenHash) =>
        runners.joinRunner({ ...draft, joinTokenHash }),
      ),
    );
    expect(refusals).toEqual([
      { refused: expect.stringContaining('not known') as string },
      { refused: expect.stringContaining('revoked') as string },
      { refused: expect.stringContaining('expired') as string },
    ]);
  });
});
