import { startAdminApi, type AdminUnderTest } from '../../test/admin-under-test.js';

let admin: AdminUnderTest;
beforeAll(async () => {
  admin = await startAdminApi(2);
});
afterAll(() => admin.stop());

const MOST_MS = 1_000;

/** A key that both copies have been asked with. */
async function knownKey(name: string): Promise<{ tenant: string; path: string; secret: string }> {
  const { body: tenant } = await admin.call('POST /tenants', { body: { name } });
  const path = `/tenants/${String(tenant['id'])}`;
  const { body: key } = await admin.call(`POST ${path}/api-keys`, { body: { name } });
  const secret = String(key['secret']);
  expect([await statusAt(0, secret), await statusAt(1, secret)]).toEqual([200, 200]);
  return { tenant: path, path: `${path}/api-keys/${String(key['id'])}`, secret };
}

const statusAt = async (copy: number, key: string) => (await admin.call('GET /v1/models', { key, copy })).status;

/** How long the second copy takes to answer with this status after the first one was told something. */
async function delayMs(secret: string, status: number): Promise<number> {
  const startMs = performance.now();
  while ((await statusAt(1, secret)) !== status) {
    if (performance.now() - startMs > 20 * MOST_MS) break;
  }
  return performance.now() - startMs;
}

describe('a change at one API process', () => {
  it('takes effect on the other one within a second', async () => {
    const { tenant, path, secret } = await knownKey('changed');
    const change = async (url: string, body: object) => admin.call(`PATCH ${url}`, { body });
    await change(path, { disabled: true });
    expect(await delayMs(secret, 401)).toBeLessThan(MOST_MS);
    await change(path, { disabled: false });
    expect(await delayMs(secret, 200)).toBeLessThan(MOST_MS);
    await change(tenant, { disabled: true });
    expect(await delayMs(secret, 403)).toBeLessThan(MOST_MS);
    await change(tenant, { disabled: false });
    expect(await delayMs(secret, 200)).toBeLessThan(MOST_MS);
    await admin.call(`POST ${path}/rotate`, { body: { overlapSeconds: 0 } });
    expect(await delayMs(secret, 401)).toBeLessThan(MOST_MS);
  });

  it('that removes a key or its tenant does so as well', async () => {
    const [deleted, orphan] = [await knownKey('deleted'), await knownKey('orphan')];
    await admin.call(`DELETE ${deleted.path}`);
    expect(await delayMs(deleted.secret, 401)).toBeLessThan(MOST_MS);
    await admin.call(`DELETE ${orphan.tenant}`);
    expect(await delayMs(orphan.secret, 401)).toBeLessThan(MOST_MS);
  });

  it('of the catalogue lets callers use a model at the other one within a second, and no longer', async () => {
    const model = { name: 'announced', artifact: 'simulated:announced', engine: 'simulated' };
    await admin.call('POST /models', { body: model });
    const startMs = performance.now();
    const { body } = await admin.call('POST /deployments', { body: { model: model.name } });
    const isServed = async () => (await admin.call('GET /v1/models/announced', { copy: 1 })).status === 200;
    while (!(await isServed())) expect(performance.now() - startMs).toBeLessThan(MOST_MS);
    const deletedMs = performance.now();
    await admin.call(`DELETE /deployments/${String(body['id'])}`);
    while (await isServed()) expect(performance.now() - deletedMs).toBeLessThan(MOST_MS);
  });

  it('that is missed while the connection to Redis is broken is seen after the reconnect', async () => {
    const { path, secret } = await knownKey('missed');
    const id = path.slice(path.lastIndexOf('/') + 1);
    await admin.dataSource.query('UPDATE api_keys SET disabled = true WHERE id = $1', [id]);
    expect(await statusAt(1, secret)).toBe(200);
    admin.breakSubscription(1);
    expect(await delayMs(secret, 401)).toBeLessThan(10 * MOST_MS);
  });
});
