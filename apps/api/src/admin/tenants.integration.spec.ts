import { startAdminApi, type AdminAnswer, type AdminUnderTest } from '../../test/admin-under-test.js';

let admin: AdminUnderTest;
beforeAll(async () => {
  admin = await startAdminApi();
});
afterAll(() => admin.stop());

const create = async (body: object) => admin.call('POST /tenants', { body });
const idOf = ({ body }: AdminAnswer): string => String(body['id']);
const errorOf = ({ body }: AdminAnswer) => body['error'] as Record<string, unknown>;
const noLimits = { requestsPerMinute: null, tokensPerMinute: null, maxConcurrent: null, tokensPerMonth: null };

describe('/admin/v1/tenants', () => {
  it('makes a tenant of a name, reads it and deletes it', async () => {
    const created = await create({ name: 'acme' });
    expect(created.status).toBe(201);
    expect(created.body).toEqual({
      id: expect.stringMatching(/^ten_[0-9a-z]{26}$/) as string,
      ...{ name: 'acme', weight: 1, allowedModels: null, limits: noLimits, disabled: false, version: 1 },
      createdAt: expect.stringMatching(/^\d{4}-.*Z$/) as string,
    });
    const path = `/tenants/${idOf(created)}`;
    expect((await admin.call(`GET ${path}`)).body).toEqual(created.body);
    expect(await admin.call(`DELETE ${path}`)).toMatchObject({ status: 204, body: {} });
    expect(errorOf(await admin.call(`GET ${path}`))).toMatchObject({ code: 'resource_not_found' });
    expect((await admin.call(`DELETE ${path}`)).status).toBe(404);
  });

  it('changes what a patch names, where null clears', async () => {
    const limits = { tokensPerMonth: 5_000_000_000, maxConcurrent: 3 };
    const created = await create({ name: 'patched', weight: 2.5, allowedModels: ['a', 'b'], limits });
    expect(created.body).toMatchObject({ weight: 2.5, allowedModels: ['a', 'b'], limits: { ...noLimits, ...limits } });
    const change = async (body: object) => admin.call(`PATCH /tenants/${idOf(created)}`, { body });
    const first = await change({ name: 'renamed', limits: { maxConcurrent: null, requestsPerMinute: 0 } });
    const changed = { ...noLimits, tokensPerMonth: 5_000_000_000, requestsPerMinute: 0 };
    expect(first.body).toMatchObject({ name: 'renamed', weight: 2.5, version: 2, limits: changed });
    const second = await change({ weight: null, allowedModels: null, limits: null, disabled: true });
    expect(second.body).toMatchObject({ weight: 1, allowedModels: null, limits: noLimits, disabled: true, version: 3 });
    expect((await change({ weight: 1, disabled: true })).body).toEqual(second.body);
    expect((await change({ disabled: null })).body).toMatchObject({ disabled: false, version: 4 });
  });

  it('makes a version the condition of a change or deletion', async () => {
    const path = `/tenants/${idOf(await create({ name: 'versioned' }))}`;
    const change = async (ifMatch: string) =>
      admin.call(`PATCH ${path}`, { body: { weight: 2 }, headers: { 'if-match': ifMatch } });
    expect(errorOf(await change('2'))).toMatchObject({ code: 'version_mismatch' });
    expect((await change('"1"')).body).toMatchObject({ version: 2 });
    expect((await change('1')).status).toBe(412);
    expect((await change('*')).status).toBe(200);
    expect(errorOf(await change('latest'))).toMatchObject({ param: 'if-match' });
    expect((await admin.call(`DELETE ${path}`, { headers: { 'if-match': '1' } })).status).toBe(412);
    expect((await admin.call(`DELETE ${path}`, { headers: { 'if-match': '2' } })).status).toBe(204);
  });

  it('lists newest first, in parts that follow each other, and by name', async () => {
    const ids: string[] = [];
    for (const name of ['l1', 'l2', 'l3']) ids.unshift(idOf(await create({ name })));
    const first = await admin.call('GET /tenants?limit=2');
    expect(first.body).toMatchObject({ object: 'list', data: [{ id: ids[0] }, { id: ids[1] }], hasMore: true });
    const second = await admin.call(`GET /tenants?limit=1&after=${ids[1] ?? ''}`);
    expect(second.body).toMatchObject({ data: [{ id: ids[2] }], hasMore: true });
    const named = await admin.call('GET /tenants?name=l2');
    expect(named.body).toMatchObject({ data: [{ name: 'l2' }], hasMore: false });
    expect((await admin.call('GET /tenants?name=nobody')).body).toMatchObject({ data: [], hasMore: false });
  });

  it('gives each name once', async () => {
    await create({ name: 'taken' });
    const second = await create({ name: 'taken' });
    expect(second.status).toBe(409);
    expect(errorOf(second)).toMatchObject({ code: 'conflict' });
    const other = idOf(await create({ name: 'free' }));
    expect((await admin.call(`PATCH /tenants/${other}`, { body: { name: 'taken' } })).status).toBe(409);
  });

  it.each([
    [{}, 'name', 'missing_required_parameter'],
    [{ name: 5 }, 'name', 'invalid_type'],
    [{ name: '' }, 'name', 'invalid_value'],
    [{ name: 'nul \0' }, 'name', 'invalid_value'],
    [{ name: 'half \ud800' }, 'name', 'invalid_value'],
    [{ name: ' a' }, 'name', 'invalid_value'],
    [{ name: 'a', colour: 'red' }, 'colour', 'unknown_parameter'],
    [{ name: 'a', limits: { perDay: 1 } }, 'limits.perDay', 'unknown_parameter'],
    [{ name: 'a', limits: { maxConcurrent: -1 } }, 'limits.maxConcurrent', 'invalid_value'],
    [{ name: 'a', limits: { maxConcurrent: 1.5 } }, 'limits.maxConcurrent', 'invalid_type'],
    [{ name: 'a', limits: { requestsPerMinute: 2 ** 31 } }, 'limits.requestsPerMinute', 'invalid_value'],
    [{ name: 'a', weight: 0 }, 'weight', 'invalid_value'],
    [{ name: 'a', allowedModels: ['m', 1] }, 'allowedModels[1]', 'invalid_type'],
    [[], null, 'invalid_type'],
  ])('refuses the body %j and names %s', async (body, param, code) => {
    const answer = await create(body);
    expect(answer.status).toBe(400);
    expect(errorOf(answer)).toMatchObject({ type: 'invalid_request_error', param, code });
  });

  it.each(['name=', 'name=a&name=b', 'limit=0', 'after=%00', 'colour=red'])('refuses ?%s', async (query) => {
    expect((await admin.call(`GET /tenants?${query}`)).status).toBe(400);
  });

  it.each(['%00', '%20', "'; drop table tenants", 'a'.repeat(300)])('knows no tenant of the id %s', async (id) => {
    for (const method of ['GET', 'DELETE', 'PATCH']) {
      const options = method === 'PATCH' ? { body: {} } : {};
      const answer = await admin.call(`${method} /tenants/${encodeURI(id).replaceAll('%25', '%')}`, options);
      expect(answer.status).toBe(404);
    }
  });

  it('keeps the tenant of the operators', async () => {
    const path = `/tenants/${admin.operatorTenantId}`;
    expect((await admin.call(`DELETE ${path}`)).status).toBe(409);
    expect((await admin.call(`PATCH ${path}`, { body: { disabled: true } })).status).toBe(409);
    expect((await admin.call(`PATCH ${path}`, { body: { name: 'other' } })).status).toBe(409);
    expect((await admin.call(`PATCH ${path}`, { body: { weight: 3 } })).status).toBe(200);
  });

  it("shows a tenant's administrator its own tenant only", async () => {
    const [own, other] = [idOf(await create({ name: 'own' })), idOf(await create({ name: 'other' }))];
    const { secret: key } = await admin.seedKey(own, 'tenant-admin');
    expect((await admin.call(`GET /tenants/${own}`, { key })).body).toMatchObject({ name: 'own' });
    expect((await admin.call(`GET /tenants/${other}`, { key })).status).toBe(404);
    expect((await admin.call(`PATCH /tenants/${own}`, { key, body: { weight: 5 } })).status).toBe(403);
  });

  it('refuses the keys of a tenant as soon as it is disabled or gone', async () => {
    const id = idOf(await create({ name: 'stopped' }));
    const { secret: key } = await admin.seedKey(id, 'inference');
    expect((await admin.call('GET /v1/models', { key })).status).toBe(200);
    await admin.call(`PATCH /tenants/${id}`, { body: { disabled: true } });
    expect((await admin.call('GET /v1/models', { key })).status).toBe(403);
    await admin.call(`PATCH /tenants/${id}`, { body: { disabled: false } });
    expect((await admin.call('GET /v1/models', { key })).status).toBe(200);
    await admin.call(`DELETE /tenants/${id}`);
    expect((await admin.call('GET /v1/models', { key })).status).toBe(401);
  });

  it('writes who changed what into the audit log', async () => {
    const id = idOf(await create({ name: 'audited' }));
    await admin.call(`PATCH /tenants/${id}`, { body: { weight: 4 } });
    await admin.call(`PATCH /tenants/${id}`, { body: { weight: 4 } });
    await admin.call(`DELETE /tenants/${id}`);
    const entries = await admin.dataSource.query<Record<string, unknown>[]>(
      'SELECT * FROM audit_log WHERE resource_id = $1 ORDER BY id',
      [id],
    );
    const common = { tenant_id: id, actor_kind: 'operator', address: '127.0.0.1', resource_kind: 'tenant' };
    expect(entries).toMatchObject([
      { ...common, action: 'create', before: null, after: { name: 'audited', weight: 1 } },
      { ...common, action: 'change', before: { weight: 1, version: 1 }, after: { weight: 4, version: 2 } },
      { ...common, action: 'delete', before: { weight: 4 }, after: null },
    ]);
    expect(entries[0]?.['request_id']).toMatch(/^req_/);
  });
});
