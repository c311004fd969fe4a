import OpenAI from 'openai';
import { startAdminApi, type AdminAnswer, type AdminUnderTest, type Json } from '../../test/admin-under-test.js';

let admin: AdminUnderTest;
let tenantId: string;
let keys: string;
beforeAll(async () => {
  admin = await startAdminApi();
  tenantId = idOf(await admin.call('POST /tenants', { body: { name: 'acme' } }));
  keys = `/tenants/${tenantId}/api-keys`;
});
afterAll(() => admin.stop());

const idOf = ({ body }: AdminAnswer): string => String(body['id']);
const errorOf = ({ body }: AdminAnswer) => body['error'] as Json;
const create = async (body: object, key?: string) => admin.call(`POST ${keys}`, { body, ...(key && { key }) });
const secretOf = ({ body }: AdminAnswer): string => String(body['secret']);
/** What a request with this secret is answered. */
const statusWith = async (key: string) => (await admin.call('GET /v1/models', { key })).status;

describe('/admin/v1/tenants/{tenantId}/api-keys', () => {
  it('makes a key whose secret is shown once', async () => {
    const created = await create({ name: 'first' });
    const secret = secretOf(created);
    expect(created.status).toBe(201);
    expect(secret).toMatch(/^mr-inference-[\w-]{43}$/);
    const noLimits = { requestsPerMinute: null, tokensPerMinute: null, maxConcurrent: null, tokensPerMonth: null };
    const shown = {
      ...{ id: expect.stringMatching(/^key_[0-9a-z]{26}$/) as string, tenantId, kind: 'inference', name: 'first' },
      ...{ prefix: secret.slice(0, 18), agentId: null, allowedModels: null, limits: noLimits, disabled: false },
      ...{ expiresAt: null, previousSecretExpiresAt: null, lastUsedAt: null, version: 1 },
      createdAt: expect.stringMatching(/Z$/) as string,
    };
    expect(created.body).toEqual({ ...shown, secret });
    const read = await admin.call(`GET ${keys}/${idOf(created)}`);
    expect(read.body).toEqual(shown);
    const list = await admin.call(`GET ${keys}?prefix=${secret.slice(0, 18)}`);
    expect(list.body).toEqual({ object: 'list', data: [shown], hasMore: false });
    expect(await statusWith(secret)).toBe(200);
    const stored = await admin.dataSource.query<unknown[]>('SELECT * FROM api_keys, audit_log');
    expect(JSON.stringify(stored)).not.toContain(secret);
  });

  it("works with OpenAI's client", async () => {
    const apiKey = secretOf(await create({ name: 'openai' }));
    const client = new OpenAI({ apiKey, baseURL: `${admin.baseUrls[0] ?? ''}/v1` });
    expect((await client.models.list()).data).toEqual([]);
  });

  it('changes what a patch names, where null clears', async () => {
    const limits = { requestsPerMinute: 5 };
    const created = await create({ name: 'p', allowedModels: ['m'], limits, expiresAt: '2040-01-01T01:00:00+01:00' });
    expect(created.body).toMatchObject({ allowedModels: ['m'], limits, expiresAt: '2040-01-01T00:00:00.000Z' });
    const change = async (body: object) => admin.call(`PATCH ${keys}/${idOf(created)}`, { body });
    const cleared = { allowedModels: null, limits: null, expiresAt: null, name: 'q' };
    const changed = await change(cleared);
    const lifted = { requestsPerMinute: null };
    expect(changed.body).toMatchObject({ ...cleared, limits: lifted, version: 2 });
    expect(changed.body).not.toHaveProperty('secret');
  });

  it('refuses a key as soon as it is disabled, ended or deleted', async () => {
    const created = await create({ name: 'revoked' });
    const [path, secret] = [`${keys}/${idOf(created)}`, secretOf(created)];
    expect(await statusWith(secret)).toBe(200);
    await admin.call(`PATCH ${path}`, { body: { disabled: true } });
    expect(await statusWith(secret)).toBe(401);
    await admin.call(`PATCH ${path}`, { body: { disabled: null } });
    expect(await statusWith(secret)).toBe(200);
    await admin.call(`PATCH ${path}`, { body: { expiresAt: '2020-01-01T00:00:00Z' } });
    expect(await statusWith(secret)).toBe(401);
    await admin.call(`PATCH ${path}`, { body: { expiresAt: null } });
    expect(await statusWith(secret)).toBe(200);
    expect((await admin.call(`DELETE ${path}`)).status).toBe(204);
    expect(await statusWith(secret)).toBe(401);
    expect((await admin.call(`DELETE ${path}`)).status).toBe(404);
  });

  it('lets both secrets of a rotation work until the overlap ends', async () => {
    const created = await create({ name: 'rotated' });
    const path = `${keys}/${idOf(created)}`;
    const rotated = await admin.call(`POST ${path}/rotate`);
    expect(rotated.status).toBe(200);
    const [first, second] = [secretOf(created), secretOf(rotated)];
    expect(rotated.body).toMatchObject({ id: idOf(created), version: 2, prefix: second.slice(0, 18) });
    const overlapMs = Date.parse(String(rotated.body['previousSecretExpiresAt'])) - Date.now();
    expect(overlapMs).toBeGreaterThan(23 * 3_600_000);
    expect([await statusWith(first), await statusWith(second)]).toEqual([200, 200]);
    const again = await admin.call(`POST ${path}/rotate`, { body: { overlapSeconds: 0 } });
    const statuses = [await statusWith(first), await statusWith(second), await statusWith(secretOf(again))];
    expect(statuses).toEqual([401, 401, 200]);
  });

  it('lists newest first, in parts and by field', async () => {
    const other = idOf(await admin.call('POST /tenants', { body: { name: 'lists' } }));
    const of = `/tenants/${other}/api-keys`;
    const ids: string[] = [];
    for (const body of [{ name: 'a' }, { name: 'b', kind: 'tenant-admin' }, { name: 'c', disabled: true }]) {
      ids.unshift(idOf(await admin.call(`POST ${of}`, { body })));
    }
    const idsOf = async (query: string) => {
      const { data, hasMore } = (await admin.call(`GET ${of}?${query}`)).body as { data: Json[]; hasMore: boolean };
      return [...data.map(({ id }) => id), hasMore];
    };
    expect(await idsOf('limit=2')).toEqual([ids[0], ids[1], true]);
    expect(await idsOf(`after=${ids[1] ?? ''}`)).toEqual([ids[2], false]);
    expect(await idsOf('kind=tenant-admin')).toEqual([ids[1], false]);
    expect(await idsOf('disabled=true')).toEqual([ids[0], false]);
    expect(await idsOf('disabled=false&name=a')).toEqual([ids[2], false]);
    expect((await admin.call(`GET ${of}?kind=join`)).status).toBe(400);
    expect((await admin.call('GET /tenants/ten_none/api-keys')).status).toBe(404);
    expect((await admin.call('POST /tenants/ten_none/api-keys', { body: { name: 'a' } })).status).toBe(404);
  });

  it.each([
    [{ kind: 'inference' }, 'name'],
    [{ name: 'a', kind: 'agent' }, 'kind'],
    [{ name: 'a', kind: 'runner' }, 'kind'],
    [{ name: 'a', secret: 'mine' }, 'secret'],
    [{ name: 'a', expiresAt: 'tomorrow' }, 'expiresAt'],
    [{ name: 'a', expiresAt: '0000-01-01T00:00:00Z' }, 'expiresAt'],
    [{ name: 'a', expiresAt: 4_000_000_000 }, 'expiresAt'],
    [{ name: 'a', kind: 'operator' }, 'kind'],
  ])('refuses the body %j and names %s', async (body, param) => {
    const answer = await create(body);
    expect(answer.status).toBe(400);
    expect(errorOf(answer)).toMatchObject({ type: 'invalid_request_error', param });
  });

  it.each([{ overlapSeconds: -1 }, { overlapSeconds: 1e9 }, { overlapSeconds: '1' }, { hours: 1 }])(
    'refuses the rotation %j',
    async (body) => {
      const id = idOf(await create({ name: 'kept' }));
      expect((await admin.call(`POST ${keys}/${id}/rotate`, { body })).status).toBe(400);
    },
  );

  it("lets a tenant's administrator care for its own keys and not end the one that asks", async () => {
    const own = await create({ name: 'admin', kind: 'tenant-admin' });
    const key = secretOf(own);
    const made = await create({ name: 'made' }, key);
    expect(made.status).toBe(201);
    expect((await admin.call(`DELETE ${keys}/${idOf(made)}`, { key })).status).toBe(204);
    const path = `${keys}/${idOf(own)}`;
    expect((await admin.call(`DELETE ${path}`, { key })).status).toBe(409);
    expect((await admin.call(`PATCH ${path}`, { key, body: { disabled: true } })).status).toBe(409);
    const expiresAt = '2020-01-01T00:00:00Z';
    expect((await admin.call(`PATCH ${path}`, { key, body: { expiresAt } })).status).toBe(409);
    expect((await admin.call(`PATCH ${path}`, { key, body: { name: 'me' } })).body).toMatchObject({ name: 'me' });
    const me = await admin.call('GET /me', { key });
    expect(me.body).toMatchObject({ tenant: { id: tenantId }, apiKey: { id: idOf(own), kind: 'tenant-admin' } });
  });

  it('makes keys of operators in their own tenant only, and nobody else touches them', async () => {
    const path = `/tenants/${admin.operatorTenantId}/api-keys`;
    const made = await admin.call(`POST ${path}`, { body: { name: 'second', kind: 'operator' } });
    expect(made.status).toBe(201);
    expect((await admin.call('GET /me', { key: secretOf(made) })).status).toBe(200);
    expect((await admin.call(`POST ${path}`, { body: { name: 'a', kind: 'tenant-admin' } })).status).toBe(400);
    const { secret: key } = await admin.seedKey(admin.operatorTenantId, 'tenant-admin');
    for (const request of [`POST ${path}/${idOf(made)}/rotate`, `DELETE ${path}/${idOf(made)}`]) {
      expect((await admin.call(request, { key })).status).toBe(409);
    }
    const body = { disabled: true };
    expect((await admin.call(`PATCH ${path}/${idOf(made)}`, { key, body })).status).toBe(409);
    expect((await admin.call(`DELETE ${path}/${idOf(made)}`)).status).toBe(204);
  });
});
