import { startAdminApi, type AdminAnswer, type AdminUnderTest, type Json } from '../../test/admin-under-test.js';

let admin: AdminUnderTest;
let tenantId: string;
let agents: string;
beforeAll(async () => {
  admin = await startAdminApi();
  tenantId = await newTenant('acme');
  agents = `/tenants/${tenantId}/agents`;
});
afterAll(() => admin.stop());

const idOf = ({ body }: AdminAnswer): string => String(body['id']);
const errorOf = ({ body }: AdminAnswer) => body['error'] as Json;
const create = async (body: object, key?: string) => admin.call(`POST ${agents}`, { body, ...(key && { key }) });
const newTenant = async (name: string) => idOf(await admin.call('POST /tenants', { body: { name } }));

describe('/admin/v1/tenants/{tenantId}/agents', () => {
  it('makes an agent of a name and a model, reads it and deletes it', async () => {
    const created = await create({ name: 'plain', model: 'org/name:8b' });
    expect(created.status).toBe(201);
    expect(created.body).toEqual({
      ...{ id: expect.stringMatching(/^agt_[0-9a-z]{26}$/) as string, tenantId, name: 'plain', description: '' },
      ...{ model: 'org/name:8b', systemPrompt: '', sampling: {}, locks: [], version: 1 },
      createdAt: expect.stringMatching(/^\d{4}-.*Z$/) as string,
    });
    const path = `${agents}/${idOf(created)}`;
    expect((await admin.call(`GET ${path}`)).body).toEqual(created.body);
    expect(await admin.call(`DELETE ${path}`)).toMatchObject({ status: 204, body: {} });
    expect(errorOf(await admin.call(`GET ${path}`))).toMatchObject({ code: 'resource_not_found' });
    expect((await admin.call(`DELETE ${path}`)).status).toBe(404);
  });

  it('changes what a patch names, parameter by parameter, where null clears', async () => {
    const sampling = { temperature: 0, topP: 0.5, maxCompletionTokens: 100, stop: ['END'], seed: -5 };
    const penalties = { presencePenalty: -2, frequencyPenalty: 2 };
    const all = {
      description: 'd',
      systemPrompt: 'Be\nbrief.',
      sampling: { ...sampling, ...penalties },
      locks: ['seed'],
    };
    const created = await create({ name: 'patched', model: 'm', ...all });
    expect(created.body).toMatchObject(all);
    const change = async (body: object) => admin.call(`PATCH ${agents}/${idOf(created)}`, { body });
    const first = await change({ sampling: { topP: 1, seed: null, presencePenalty: null }, model: 'n' });
    const { seed: _, ...rest } = { ...sampling, topP: 1, frequencyPenalty: 2 };
    expect(first.body).toMatchObject({ model: 'n', sampling: rest, description: 'd', locks: ['seed'], version: 2 });
    expect(Object.keys(first.body['sampling'] as object)).toHaveLength(5);
    expect((await change({ sampling: { topP: 1 } })).body).toEqual(first.body);
    const cleared = await change({ sampling: null, locks: null, systemPrompt: null, description: null });
    expect(cleared.body).toMatchObject({
      ...{ sampling: {}, locks: [], systemPrompt: '', description: '' },
      version: 3,
    });
    expect((await change({ locks: ['temperature', 'model'] })).body).toMatchObject({ locks: ['temperature', 'model'] });
  });

  it('makes a version the condition of a change or deletion', async () => {
    const path = `${agents}/${idOf(await create({ name: 'versioned', model: 'm' }))}`;
    const change = async (ifMatch: string, model: string) =>
      admin.call(`PATCH ${path}`, { body: { model }, headers: { 'if-match': ifMatch } });
    expect((await change('1', 'n')).body).toMatchObject({ version: 2 });
    expect(errorOf(await change('1', 'o'))).toMatchObject({ code: 'version_mismatch' });
    expect((await admin.call(`DELETE ${path}`, { headers: { 'if-match': '1' } })).status).toBe(412);
    expect((await admin.call(`DELETE ${path}`, { headers: { 'if-match': '2' } })).status).toBe(204);
  });

  it('gives each name once in a tenant, and again in another', async () => {
    await create({ name: 'taken', model: 'm' });
    expect(errorOf(await create({ name: 'taken', model: 'm' }))).toMatchObject({ code: 'conflict' });
    const other = await create({ name: 'free', model: 'm' });
    const rename = await admin.call(`PATCH ${agents}/${idOf(other)}`, { body: { name: 'taken' } });
    expect(rename.status).toBe(409);
    const elsewhere = `/tenants/${await newTenant('globex')}/agents`;
    expect((await admin.call(`POST ${elsewhere}`, { body: { name: 'taken', model: 'm' } })).status).toBe(201);
  });

  it('lists newest first, in parts and by field', async () => {
    const of = `/tenants/${await newTenant('lists')}/agents`;
    const ids: string[] = [];
    for (const [name, model] of Object.entries({ a: 'm', b: 'n', c: 'm' })) {
      ids.unshift(idOf(await admin.call(`POST ${of}`, { body: { name, model } })));
    }
    const idsOf = async (query: string) => {
      const { data, hasMore } = (await admin.call(`GET ${of}?${query}`)).body as { data: Json[]; hasMore: boolean };
      return [...data.map(({ id }) => id), hasMore];
    };
    expect(await idsOf('limit=2')).toEqual([ids[0], ids[1], true]);
    expect(await idsOf(`after=${ids[1] ?? ''}`)).toEqual([ids[2], false]);
    expect(await idsOf('name=b')).toEqual([ids[1], false]);
    expect(await idsOf('model=m')).toEqual([ids[0], ids[2], false]);
    expect((await admin.call(`GET ${of}?locks=seed`)).status).toBe(400);
  });

  it.each([
    [{ model: 'm' }, 'name'],
    [{ name: 'a' }, 'model'],
    [{ name: 'a', model: '' }, 'model'],
    [{ name: 'a', model: 'm', systemPrompt: 5 }, 'systemPrompt'],
    [{ name: 'a', model: 'm', systemPrompt: 'nul \0' }, 'systemPrompt'],
    [{ name: 'a', model: 'm', prompt: 'Hi' }, 'prompt'],
    [{ name: 'a', model: 'm', sampling: { temperature: 2.1 } }, 'sampling.temperature'],
    [{ name: 'a', model: 'm', sampling: { temperature: '1' } }, 'sampling.temperature'],
    [{ name: 'a', model: 'm', sampling: { topP: -0.1 } }, 'sampling.topP'],
    [{ name: 'a', model: 'm', sampling: { maxCompletionTokens: 0 } }, 'sampling.maxCompletionTokens'],
    [{ name: 'a', model: 'm', sampling: { seed: 2 ** 53 } }, 'sampling.seed'],
    [{ name: 'a', model: 'm', sampling: { presencePenalty: 3 } }, 'sampling.presencePenalty'],
    [{ name: 'a', model: 'm', sampling: { stop: ['a', 'b', 'c', 'd', 'e'] } }, 'sampling.stop'],
    [{ name: 'a', model: 'm', sampling: { stop: [''] } }, 'sampling.stop[0]'],
    [{ name: 'a', model: 'm', sampling: { top_p: 1 } }, 'sampling.top_p'],
    [{ name: 'a', model: 'm', locks: ['tools'] }, 'locks[0]'],
    [{ name: 'a', model: 'm', locks: 'seed' }, 'locks'],
  ])('refuses the body %j and names %s', async (body, param) => {
    const answer = await create(body);
    expect(answer.status).toBe(400);
    expect(errorOf(answer)).toMatchObject({ type: 'invalid_request_error', param });
  });

  it('is 404 in a tenant that is not there', async () => {
    expect((await admin.call('GET /tenants/ten_none/agents')).status).toBe(404);
    const body = { name: 'a', model: 'm' };
    expect((await admin.call('POST /tenants/ten_none/agents', { body })).status).toBe(404);
  });

  it("lets a tenant's administrator care for its own agents and see no others", async () => {
    const other = await newTenant('other');
    const { secret: key } = await admin.seedKey(other, 'tenant-admin');
    const own = await admin.call(`POST /tenants/${other}/agents`, { key, body: { name: 'own', model: 'm' } });
    expect(own.status).toBe(201);
    const foreign = idOf(await create({ name: 'foreign', model: 'm' }));
    for (const path of [`${agents}/${foreign}`, `/tenants/${other}/agents/${foreign}`]) {
      expect((await admin.call(`GET ${path}`, { key })).status).toBe(404);
      expect((await admin.call(`PATCH ${path}`, { key, body: { name: 'mine' } })).status).toBe(404);
      expect((await admin.call(`DELETE ${path}`, { key })).status).toBe(404);
    }
    expect((await create({ name: 'a', model: 'm' }, key)).status).toBe(404);
    const listed = await admin.call(`GET /tenants/${other}/agents`, { key });
    expect(listed.body).toMatchObject({ data: [{ id: idOf(own) }], hasMore: false });
    const { secret: inference } = await admin.seedKey(other, 'inference');
    expect((await admin.call(`GET /tenants/${other}/agents`, { key: inference })).status).toBe(403);
  });

  it('writes who changed what into the audit log', async () => {
    const id = idOf(await create({ name: 'audited', model: 'm' }));
    await admin.call(`PATCH ${agents}/${id}`, { body: { systemPrompt: 'Hi.' } });
    await admin.call(`DELETE ${agents}/${id}`);
    const entries = await admin.dataSource.query<Json[]>('SELECT * FROM audit_log WHERE resource_id = $1 ORDER BY id', [
      id,
    ]);
    const common = { tenant_id: tenantId, actor_kind: 'operator', resource_kind: 'agent' };
    expect(entries).toMatchObject([
      { ...common, action: 'create', before: null, after: { name: 'audited', systemPrompt: '' } },
      { ...common, action: 'change', before: { systemPrompt: '' }, after: { systemPrompt: 'Hi.', version: 2 } },
      { ...common, action: 'delete', before: { systemPrompt: 'Hi.' }, after: null },
    ]);
  });
});
