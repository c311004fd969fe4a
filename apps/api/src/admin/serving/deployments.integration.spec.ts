import { CatalogueStore } from '@millrace/adapters/postgres';
import { startAdminApi, type AdminAnswer, type AdminUnderTest } from '../../../test/admin-under-test.js';

let admin: AdminUnderTest;
beforeAll(async () => {
  admin = await startAdminApi();
});
afterAll(() => admin.stop());

const idOf = ({ body }: AdminAnswer): string => String(body['id']);
const errorOf = ({ body }: AdminAnswer) => body['error'] as Record<string, unknown>;

/** The id of a new model. */
async function addModel(name: string): Promise<string> {
  const body = { name, artifact: `simulated:${name}`, engine: 'simulated' };
  return idOf(await admin.call('POST /models', { body }));
}

/** Deploys a new model. */
async function deploy(model: string, wish: object = {}): Promise<AdminAnswer> {
  await addModel(model);
  return admin.call('POST /deployments', { body: { model, ...wish } });
}

const ask = async (model: string) =>
  admin.call('POST /v1/chat/completions', { body: { model, messages: [{ role: 'user', content: 'Hi' }] } });

const callable = async () => {
  const { body } = await admin.call('GET /v1/models');
  return (body['data'] as { id: string }[]).map(({ id }) => id);
};

describe('/admin/v1/deployments', () => {
  it('deploys a model, reads the deployment and deletes it', async () => {
    const modelId = await addModel('echo');
    expect(await callable()).not.toContain('echo');
    const created = await admin.call('POST /deployments', { body: { model: 'echo' } });
    expect(created.status).toBe(201);
    expect(created.body).toEqual({
      id: expect.stringMatching(/^dep_[0-9a-z]{26}$/) as string,
      ...{ model: 'echo', modelId, minReplicas: 1, maxReplicas: 1, perRunner: false },
      ...{ contextLength: null, slots: null, keepAliveSeconds: null, pinned: false, priority: 0, placement: {} },
      ...{ paused: false, generation: 1, version: 1 },
      createdAt: expect.stringMatching(/^\d{4}-.*Z$/) as string,
      status: {
        ...{ phase: 'pending', reason: 'not_decided', observedGeneration: 0 },
        message: 'The scheduler has not acted on the wish yet.',
      },
    });
    expect(await callable()).toContain('echo');
    const path = `/deployments/${idOf(created)}`;
    expect((await admin.call(`GET ${path}`)).body).toEqual(created.body);
    expect(await admin.call(`DELETE ${path}`)).toMatchObject({ status: 204, body: {} });
    expect(await callable()).not.toContain('echo');
    expect(errorOf(await admin.call(`GET ${path}`))).toMatchObject({ code: 'resource_not_found' });
    expect((await admin.call(`DELETE ${path}`)).status).toBe(404);
  });

  it('takes the model by its id, and all that a wish can say', async () => {
    const model = await addModel('whole');
    const wish = {
      ...{ minReplicas: 0, maxReplicas: 4, perRunner: true, contextLength: 4_096, slots: 8 },
      ...{ keepAliveSeconds: 300, pinned: true, priority: -5 },
      placement: {
        ...{ labels: { zone: 'a' }, deviceCount: 2, deviceType: 'NVIDIA H100', runner: 'node-1' },
        antiAffinity: 'runner',
      },
    };
    const created = await admin.call('POST /deployments', { body: { model, ...wish } });
    expect(created.body).toMatchObject({ model: 'whole', ...wish });
  });

  it('fills in how many replicas there are at most', async () => {
    expect((await deploy('three', { minReplicas: 3 })).body).toMatchObject({ maxReplicas: 3 });
    expect((await deploy('demand', { minReplicas: 0 })).body).toMatchObject({ maxReplicas: 1 });
    expect((await deploy('every', { perRunner: true })).body).toMatchObject({ minReplicas: 1, maxReplicas: 1_000 });
  });

  it('changes what a patch names, where null clears, and counts generations of the wish', async () => {
    const wish = { maxReplicas: 3, slots: 4, priority: 7, placement: { labels: { zone: 'a', disk: 'fast' } } };
    const created = await deploy('patched', wish);
    const change = async (body: object) => admin.call(`PATCH /deployments/${idOf(created)}`, { body });
    const first = await change({ minReplicas: 2, placement: { labels: { zone: null }, runner: 'node-1' } });
    const placement = { labels: { disk: 'fast' }, runner: 'node-1' };
    expect(first.body).toMatchObject({ minReplicas: 2, maxReplicas: 3, slots: 4, generation: 2, version: 2 });
    expect(first.body['placement']).toEqual(placement);
    expect((await change({ minReplicas: 2 })).body).toEqual(first.body);
    const second = await change({ minReplicas: null, slots: null, priority: null, placement: null });
    expect(second.body).toMatchObject({ minReplicas: 1, slots: null, priority: 0, placement: {}, generation: 3 });
  });

  it('is another generation of the wish when its model changes', async () => {
    const created = await deploy('remade');
    await admin.call(`PATCH /models/${String(created.body['modelId'])}`, { body: { name: 'remade-2' } });
    const { body } = await admin.call(`GET /deployments/${idOf(created)}`);
    expect(body).toMatchObject({ model: 'remade-2', generation: 2, version: 1 });
    expect(await callable()).toContain('remade-2');
  });

  it('makes a version the condition of a change, a pause or a deletion', async () => {
    const path = `/deployments/${idOf(await deploy('versioned'))}`;
    const stale = { headers: { 'if-match': '"2"' } };
    for (const request of [`PATCH ${path}`, `POST ${path}/pause`, `DELETE ${path}`]) {
      const body = request.startsWith('PATCH') ? { body: { priority: 1 } } : {};
      expect(errorOf(await admin.call(request, { ...stale, ...body }))).toMatchObject({ code: 'version_mismatch' });
    }
    expect((await admin.call(`DELETE ${path}`, { headers: { 'if-match': '"1"' } })).status).toBe(204);
  });

  it('deploys each model once, and says what to do', async () => {
    await deploy('single');
    const second = await admin.call('POST /deployments', { body: { model: 'single' } });
    expect(second.status).toBe(409);
    expect(errorOf(second)).toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('delete it') as string,
    });
  });

  it('keeps the model of a deployment until that is deleted, and says so', async () => {
    const { body } = await deploy('needed');
    const path = `/models/${String(body['modelId'])}`;
    const refused = await admin.call(`DELETE ${path}`);
    expect(refused.status).toBe(409);
    expect(errorOf(refused)['message']).toContain('delete that first');
    await admin.call(`DELETE /deployments/${String(body['id'])}`);
    expect((await admin.call(`DELETE ${path}`)).status).toBe(204);
  });

  it('lists newest first, in parts, and by the name or id of the model', async () => {
    const ids: string[] = [];
    for (const name of ['l1', 'l2', 'l3']) ids.unshift(idOf(await deploy(name)));
    const first = await admin.call('GET /deployments?limit=2');
    expect(first.body).toMatchObject({ object: 'list', data: [{ id: ids[0] }, { id: ids[1] }], hasMore: true });
    const next = await admin.call(`GET /deployments?limit=1&after=${ids[1] ?? ''}`);
    expect(next.body).toMatchObject({ data: [{ id: ids[2], model: 'l1' }] });
    const [found] = (await admin.call('GET /deployments?model=l2')).body['data'] as { modelId: string }[];
    expect(found).toMatchObject({ model: 'l2' });
    const byId = await admin.call(`GET /deployments?model=${found?.modelId ?? ''}`);
    expect(byId.body['data']).toEqual([found]);
    expect((await admin.call('GET /deployments?model=nobody')).body).toMatchObject({ data: [], hasMore: false });
  });

  it.each([
    [{}, 'model', 'missing_required_parameter'],
    [{ model: 'nobody' }, 'model', 'invalid_value'],
    [{ model: 'm', colour: 'red' }, 'colour', 'unknown_parameter'],
    [{ model: 'm', minReplicas: -1 }, 'minReplicas', 'invalid_value'],
    [{ model: 'm', minReplicas: 3, maxReplicas: 2 }, 'minReplicas', 'invalid_value'],
    [{ model: 'm', maxReplicas: 0 }, 'maxReplicas', 'invalid_value'],
    [{ model: 'm', maxReplicas: 1_001 }, 'maxReplicas', 'invalid_value'],
    [{ model: 'm', contextLength: 0 }, 'contextLength', 'invalid_value'],
    [{ model: 'm', slots: 1.5 }, 'slots', 'invalid_type'],
    [{ model: 'm', keepAliveSeconds: 0 }, 'keepAliveSeconds', 'invalid_value'],
    [{ model: 'm', pinned: 'yes' }, 'pinned', 'invalid_type'],
    [{ model: 'm', priority: 1_001 }, 'priority', 'invalid_value'],
    [{ model: 'm', placement: { zone: 'a' } }, 'placement.zone', 'unknown_parameter'],
    [{ model: 'm', placement: { deviceCount: 0 } }, 'placement.deviceCount', 'invalid_value'],
    [{ model: 'm', placement: { labels: { zone: 1 } } }, 'placement.labels.zone', 'invalid_type'],
    [{ model: 'm', placement: { runner: '' } }, 'placement.runner', 'invalid_value'],
  ])('refuses the body %j and names %s', async (body, param, code) => {
    const answer = await admin.call('POST /deployments', { body });
    expect(answer.status).toBe(400);
    expect(errorOf(answer)).toMatchObject({ type: 'invalid_request_error', param, code });
  });

  it('refuses a change that leaves no wish that can be, and changes nothing', async () => {
    const created = await deploy('bounded', { maxReplicas: 2 });
    const path = `/deployments/${idOf(created)}`;
    const refused = async (body: object) => errorOf(await admin.call(`PATCH ${path}`, { body }));
    expect(await refused({ minReplicas: 3 })).toMatchObject({ param: 'minReplicas', code: 'invalid_value' });
    expect(await refused({ model: 'other' })).toMatchObject({ param: 'model', code: 'unknown_parameter' });
    expect((await admin.call(`GET ${path}`)).body).toEqual(created.body);
  });

  it.each(['model=', 'limit=0', 'phase=ready'])('refuses ?%s', async (query) => {
    expect((await admin.call(`GET /deployments?${query}`)).status).toBe(400);
  });

  it('refuses calls of a paused deployment until it is resumed', async () => {
    const path = `/deployments/${idOf(await deploy('resting'))}`;
    const paused = await admin.call(`POST ${path}/pause`);
    expect(paused.status).toBe(200);
    expect(paused.body).toMatchObject({ paused: true, generation: 2, status: { phase: 'paused' } });
    expect((await admin.call(`POST ${path}/pause`)).body).toEqual(paused.body);
    const refused = await ask('resting');
    expect(refused.status).toBe(503);
    expect(refused.headers.get('retry-after')).toBeNull();
    expect(errorOf(refused)).toMatchObject({ code: 'model_not_servable' });
    expect(errorOf(refused)['message']).toContain('paused until an operator resumes it');
    expect((await admin.call(`POST ${path}/resume`)).body).toMatchObject({ paused: false, generation: 3 });
    // Nothing completes calls in this test; it is no longer refused.
    expect((await ask('resting')).status).toBe(500);
  });

  it('does what is asked under one idempotency key once', async () => {
    await addModel('once');
    const twice = async () =>
      admin.call('POST /deployments', { body: { model: 'once' }, headers: { 'idempotency-key': 'deploy-once' } });
    const [first, second] = [await twice(), await twice()];
    expect(second).toMatchObject({ status: 201, body: first.body });
  });

  it('writes who changed what into the audit log, as of no tenant', async () => {
    const id = idOf(await deploy('audited'));
    await admin.call(`POST /deployments/${id}/pause`);
    await admin.call(`DELETE /deployments/${id}`);
    const log = await admin.call(`GET /audit-log?resourceId=${id}`);
    const common = { tenantId: null, resourceKind: 'deployment', resourceId: id };
    expect(log.body['data']).toMatchObject([
      { ...common, action: 'delete' },
      { ...common, action: 'change', before: { paused: false }, after: { paused: true } },
      { ...common, action: 'create' },
    ]);
  });
});

describe('the status of a deployment', () => {
  const rows = (query: string, ...values: unknown[]) => admin.dataSource.query(query, values);
  const statusOf = async (id: string) => (await admin.call(`GET /deployments/${id}`)).body['status'];

  async function assign(deploymentId: string, state: string): Promise<void> {
    const runnerId = `run_${state}`;
    await rows(
      `INSERT INTO runners (id, name, credential_hash, last_heartbeat_at) VALUES ($1, $1, $1, now())`,
      runnerId,
    );
    await rows(
      `INSERT INTO assignments (replica_id, runner_id, deployment_id, device_key, spec, settings, generation, epoch)
       VALUES ('rep_' || $2, $1, $2, 'gpu-0', '{}', '', 1, 1)`,
      ...[runnerId, deploymentId],
    );
    await rows(
      `INSERT INTO replicas (replica_id, runner_id, deployment_id, state, progress) VALUES ('rep_' || $2, $1, $2, $3, 0.25)`,
      ...[runnerId, deploymentId, state],
    );
  }

  it('follows what schedulers and runners have written', async () => {
    const id = idOf(await deploy('followed'));
    await rows('UPDATE deployments SET observed_generation = generation WHERE id = $1', id);
    const rejected = [{ runnerId: 'run_1', deviceKey: 'gpu-0', reason: 'runner_cordoned' }];
    await rows(
      `INSERT INTO scheduler_decisions (epoch, action, reason, deployment_id, numbers)
       VALUES (1, 'unplaced', 'no_devices', $1, '{}'), (1, 'unplaced', 'runner_cordoned', $1, $2)`,
      ...[id, JSON.stringify({ rejected })],
    );
    expect(await statusOf(id)).toEqual({
      ...{ phase: 'unplaced', reason: 'runner_cordoned', observedGeneration: 1 },
      message: 'No device takes a replica: the runner of device gpu-0 is cordoned.',
    });
    await assign(id, 'loading');
    expect(await statusOf(id)).toMatchObject({ phase: 'loading', message: '1 replica to load; 25 % are done.' });
    await rows(`UPDATE replicas SET state = 'ready' WHERE deployment_id = $1`, id);
    expect(await statusOf(id)).toMatchObject({ phase: 'ready' });
  });
});

describe('the deployment of npm start', () => {
  const starter = { name: 'starter', artifact: '/weights/starter.gguf', engine: 'llama-cpp', engineOptions: {} };
  const start = (changes: object = {}) =>
    new CatalogueStore(admin.dataSource).ensureStarterDeployment({ ...starter, ...changes });

  it('is one like any other, and what operators change of it outlives a restart', async () => {
    const { deploymentId } = await start();
    const { body } = await admin.call('GET /deployments?model=starter');
    expect(body['data']).toMatchObject([{ id: deploymentId, minReplicas: 1, maxReplicas: 1_000, perRunner: true }]);
    await admin.call(`PATCH /deployments/${deploymentId}`, { body: { perRunner: false, maxReplicas: 2 } });
    await start();
    const { body: kept } = await admin.call(`GET /deployments/${deploymentId}`);
    expect(kept).toMatchObject({ perRunner: false, maxReplicas: 2, generation: 2 });
  });

  it('makes way, with its model, for that of another model', async () => {
    await start();
    await start({ name: 'other-starter' });
    expect((await admin.call('GET /models?name=starter')).body['data']).toEqual([]);
    expect((await admin.call('GET /deployments?model=other-starter')).body['data']).toHaveLength(1);
  });
});
