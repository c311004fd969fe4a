import { startAdminApi, type AdminAnswer, type AdminUnderTest } from '../../../test/admin-under-test.js';

let admin: AdminUnderTest;
beforeAll(async () => {
  admin = await startAdminApi();
});
afterAll(() => admin.stop());

const create = async (body: object) => admin.call('POST /models', { body });
const idOf = ({ body }: AdminAnswer): string => String(body['id']);
const errorOf = ({ body }: AdminAnswer) => body['error'] as Record<string, unknown>;
const draft = (name: string) => ({ name, artifact: `simulated:${name}`, engine: 'simulated' });

describe('/admin/v1/models', () => {
  it('adds a model to the catalogue, reads it and removes it', async () => {
    const created = await create({ ...draft('echo'), engineOptions: { slots: 4 } });
    expect(created.status).toBe(201);
    expect(created.body).toEqual({
      id: expect.stringMatching(/^mod_[0-9a-z]{26}$/) as string,
      ...{ ...draft('echo'), engineOptions: { slots: 4 }, version: 1 },
      createdAt: expect.stringMatching(/^\d{4}-.*Z$/) as string,
    });
    const path = `/models/${idOf(created)}`;
    expect((await admin.call(`GET ${path}`)).body).toEqual(created.body);
    expect(await admin.call(`DELETE ${path}`)).toMatchObject({ status: 204, body: {} });
    expect(errorOf(await admin.call(`GET ${path}`))).toMatchObject({ code: 'resource_not_found' });
    expect((await admin.call(`DELETE ${path}`)).status).toBe(404);
  });

  it('changes what a patch names, each engine option by itself, where null clears', async () => {
    const created = await create({ ...draft('patched'), engineOptions: { slots: 4, loadMs: 10 } });
    const change = async (body: object) => admin.call(`PATCH /models/${idOf(created)}`, { body });
    const first = await change({ name: 'renamed', engineOptions: { loadMs: null, answerTokens: 5 } });
    expect(first.body).toMatchObject({ name: 'renamed', engineOptions: { slots: 4, answerTokens: 5 }, version: 2 });
    expect((await change({ name: 'renamed' })).body).toEqual(first.body);
    const weights = { artifact: '/weights/a.gguf', engine: 'llama-cpp', engineOptions: null };
    expect((await change(weights)).body).toMatchObject({ ...weights, engineOptions: {}, version: 3 });
  });

  it('makes a version the condition of a change or deletion', async () => {
    const path = `/models/${idOf(await create(draft('versioned')))}`;
    const change = async (ifMatch: string) =>
      admin.call(`PATCH ${path}`, { body: { name: 'versioned-2' }, headers: { 'if-match': ifMatch } });
    expect(errorOf(await change('2'))).toMatchObject({ code: 'version_mismatch' });
    expect((await change('"1"')).body).toMatchObject({ version: 2 });
    expect((await admin.call(`DELETE ${path}`, { headers: { 'if-match': '1' } })).status).toBe(412);
  });

  it('lists newest first, in parts, by name and by engine', async () => {
    const ids: string[] = [];
    for (const name of ['l1', 'l2', 'l3']) ids.unshift(idOf(await create(draft(name))));
    const first = await admin.call('GET /models?limit=2');
    expect(first.body).toMatchObject({ object: 'list', data: [{ id: ids[0] }, { id: ids[1] }], hasMore: true });
    const next = await admin.call(`GET /models?limit=1&after=${ids[1] ?? ''}`);
    expect(next.body).toMatchObject({ data: [{ id: ids[2] }] });
    expect((await admin.call('GET /models?name=l2')).body).toMatchObject({ data: [{ name: 'l2' }], hasMore: false });
    const llama = await create({ name: 'llama', artifact: 'hf:owner/repo/file.gguf', engine: 'llama-cpp' });
    const ofLlama = (await admin.call('GET /models?engine=llama-cpp&limit=1')).body;
    expect(ofLlama).toMatchObject({ data: [{ id: idOf(llama) }] });
  });

  it('gives each name once', async () => {
    await create(draft('taken'));
    expect(errorOf(await create(draft('taken')))).toMatchObject({ code: 'conflict' });
    const other = idOf(await create(draft('free')));
    expect((await admin.call(`PATCH /models/${other}`, { body: { name: 'taken' } })).status).toBe(409);
  });

  it('names the engines that it knows to whoever asks for another one', async () => {
    const answer = await create({ name: 'm', artifact: '/m.gguf', engine: 'tensor-magic' });
    expect(answer.status).toBe(400);
    expect(errorOf(answer)).toMatchObject({ param: 'engine', code: 'invalid_value' });
    expect(errorOf(answer)['message']).toMatch(/llama-cpp.*simulated/);
  });

  const simulated = { name: 'm', artifact: 'simulated:m', engine: 'simulated' };
  const llama = { name: 'm', artifact: '/m.gguf', engine: 'llama-cpp' };
  it.each([
    [{}, 'name', 'missing_required_parameter'],
    [{ ...simulated, name: ' m' }, 'name', 'invalid_value'],
    [{ ...simulated, colour: 'red' }, 'colour', 'unknown_parameter'],
    [{ ...simulated, artifact: 'simulated:a b' }, 'artifact', 'invalid_value'],
    [{ ...simulated, artifact: '/m.gguf' }, 'artifact', 'invalid_value'],
    [{ ...llama, artifact: 'simulated:m' }, 'artifact', 'invalid_value'],
    [{ ...llama, artifact: 'm.gguf' }, 'artifact', 'invalid_value'],
    [{ ...llama, artifact: 'hf:owner/m.gguf' }, 'artifact', 'invalid_value'],
    [{ ...llama, artifact: 'ftp://host/m.gguf' }, 'artifact', 'invalid_value'],
    [{ ...llama, engineOptions: { threds: 4 } }, 'engineOptions.threds', 'unknown_parameter'],
    [{ ...llama, engineOptions: { threads: 0 } }, 'engineOptions.threads', 'invalid_value'],
    [{ ...llama, engineOptions: { threads: 'four' } }, 'engineOptions.threads', 'invalid_type'],
    [{ ...llama, engineOptions: { slots: 2 } }, 'engineOptions.slots', 'unknown_parameter'],
    [{ ...simulated, engineOptions: { failure: { kind: 'boom' } } }, 'engineOptions.failure.kind', 'invalid_value'],
    [{ ...llama, engineOptions: [] }, 'engineOptions', 'invalid_type'],
  ])('refuses the body %j and names %s', async (body, param, code) => {
    const answer = await create(body);
    expect(answer.status).toBe(400);
    expect(errorOf(answer)).toMatchObject({ type: 'invalid_request_error', param, code });
  });

  it('refuses a change that leaves the engine with options it does not take, and changes nothing', async () => {
    const created = await create({ ...draft('kept'), engineOptions: { slots: 4 } });
    const path = `/models/${idOf(created)}`;
    const weights = { artifact: '/weights/a.gguf', engine: 'llama-cpp' };
    const answer = await admin.call(`PATCH ${path}`, { body: weights });
    expect(answer.status).toBe(400);
    expect(errorOf(answer)).toMatchObject({ param: 'engineOptions.slots', code: 'unknown_parameter' });
    expect((await admin.call(`GET ${path}`)).body).toEqual(created.body);
  });

  it.each(['name=', 'engine=magic', 'limit=0', 'colour=red'])('refuses ?%s', async (query) => {
    expect((await admin.call(`GET /models?${query}`)).status).toBe(400);
  });

  it('writes who changed what into the audit log, as of no tenant', async () => {
    const id = idOf(await create(draft('audited')));
    await admin.call(`PATCH /models/${id}`, { body: { engineOptions: { slots: 2 } } });
    await admin.call(`DELETE /models/${id}`);
    const log = await admin.call(`GET /audit-log?resourceId=${id}`);
    const common = { tenantId: null, resourceKind: 'model', resourceId: id };
    expect(log.body['data']).toMatchObject([
      { ...common, action: 'delete' },
      { ...common, action: 'change', before: { engineOptions: {} }, after: { engineOptions: { slots: 2 } } },
      { ...common, action: 'create', after: { name: 'audited' } },
    ]);
  });
});
