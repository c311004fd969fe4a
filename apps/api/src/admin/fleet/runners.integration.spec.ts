import { startAdminApi, type AdminAnswer, type AdminUnderTest } from '../../../test/admin-under-test.js';
import { seedFleet } from '../../../test/seed-fleet.js';

let admin: AdminUnderTest;
beforeAll(async () => {
  admin = await startAdminApi(2);
});
afterAll(() => admin.stop());

const errorOf = ({ body }: AdminAnswer) => body['error'] as Record<string, unknown>;
const get = async (id: string, copy = 0) => (await admin.call(`GET /runners/${id}`, { copy })).body;
const act = async (id: string, verb: string, ifMatch?: string) =>
  admin.call(`POST /runners/${id}/${verb}`, { headers: ifMatch === undefined ? {} : { 'if-match': ifMatch } });

async function seed(name: string): Promise<string> {
  return (await seedFleet(admin.dataSource, name)).runnerId;
}

describe('/admin/v1/runners', () => {
  it('shows a runner with its health, and nothing of its credential', async () => {
    const id = await seed('shown');
    const runner = await get(id);
    expect(runner).toEqual({
      ...{ id, name: 'shown', labels: { zone: 'b', rack: '7' }, adminState: 'active', health: 'alive' },
      ...{ engines: ['simulated'], softwareVersion: '1', devices: 1, replicas: 1, generation: 0, version: 1 },
      status: { phase: 'ready', reason: 'active', message: 'It takes replicas.', observedGeneration: 0 },
      lastHeartbeatAt: expect.stringMatching(/Z$/) as string,
      createdAt: expect.stringMatching(/Z$/) as string,
    });
    expect((await admin.call('GET /runners?name=shown')).body).toMatchObject({ data: [runner], hasMore: false });
  });

  it('tells a runner that is not heard of from one that is', async () => {
    const id = await seed('silent');
    const silence = async (seconds: number) =>
      admin.dataSource.query(
        `UPDATE runners SET last_heartbeat_at = now() - make_interval(secs => $2), created_at = now() - interval '1 day'
         WHERE id = $1`,
        [id, seconds],
      );
    await silence(20);
    expect(await get(id)).toMatchObject({ health: 'suspect', status: { phase: 'suspect', reason: 'no_heartbeat' } });
    await silence(40);
    expect(await get(id)).toMatchObject({ health: 'lost', status: { phase: 'lost' } });
  });

  it('cordons, drains, takes out of service and uncordons, as every copy of the API sees', async () => {
    const id = await seed('moved');
    const states = { cordon: 'cordoned', drain: 'draining', maintenance: 'maintenance', uncordon: 'active' };
    for (const [verb, adminState] of Object.entries(states)) {
      expect(await act(id, verb)).toMatchObject({ status: 200, body: { adminState } });
      expect(await get(id, 1)).toMatchObject({ adminState });
    }
    expect(await get(id)).toMatchObject({ version: 5 });
    expect((await act(id, 'uncordon')).body).toMatchObject({ version: 5 });
  });

  it('says how far a drain has come', async () => {
    const id = await seed('drained');
    expect((await act(id, 'drain')).body).toMatchObject({
      replicas: 1,
      status: { phase: 'draining', message: 'It gives up its last replica.' },
    });
    await admin.dataSource.query(`DELETE FROM assignments WHERE runner_id = $1`, [id]);
    expect(await get(id)).toMatchObject({ status: { phase: 'drained', reason: 'draining' } });
  });

  it('sets labels before those of the runner, and takes them back', async () => {
    const id = await seed('labelled');
    const patch = async (labels: unknown) => (await admin.call(`PATCH /runners/${id}`, { body: { labels } })).body;
    expect(await patch({ zone: 'a', tier: 'gold' })).toMatchObject({
      labels: { zone: 'a', rack: '7', tier: 'gold' },
      version: 2,
    });
    expect(await patch({ zone: null })).toMatchObject({ labels: { zone: 'b', tier: 'gold' }, version: 3 });
    expect(await patch(null)).toMatchObject({ labels: { zone: 'b', rack: '7' }, version: 4 });
    expect(await patch({})).toMatchObject({ version: 4 });
  });

  it.each([
    [{ labels: { 'a b': 'c' } }, 'labels.a b', 'invalid_value'],
    [{ labels: { a: 5 } }, 'labels.a', 'invalid_type'],
    [{ labels: { a: 'x,y=z' } }, 'labels.a', 'invalid_value'],
    [{ labels: [] }, 'labels', 'invalid_type'],
    [{ name: 'other' }, 'name', 'unknown_parameter'],
    [{ adminState: 'cordoned' }, 'adminState', 'unknown_parameter'],
  ])('refuses the patch %j and names %s', async (body, param, code) => {
    const id = await seed(`refused_${code}_${String(param.length)}`);
    const answer = await admin.call(`PATCH /runners/${id}`, { body });
    expect(answer.status).toBe(400);
    expect(errorOf(answer)).toMatchObject({ param, code });
  });

  it('makes a version the condition of a change', async () => {
    const id = await seed('versioned');
    expect(errorOf(await act(id, 'cordon', '7'))).toMatchObject({ code: 'version_mismatch' });
    expect((await act(id, 'cordon', '"1"')).body).toMatchObject({ version: 2 });
    const stale = { headers: { 'if-match': '1' } };
    expect((await admin.call(`PATCH /runners/${id}`, { body: { labels: { a: 'b' } }, ...stale })).status).toBe(412);
    expect((await admin.call(`DELETE /runners/${id}`, stale)).status).toBe(412);
    expect(await get(id)).toMatchObject({ adminState: 'cordoned', version: 2 });
  });

  it('does an action once under an Idempotency-Key', async () => {
    const id = await seed('once');
    const cordon = () => admin.call(`POST /runners/${id}/cordon`, { headers: { 'idempotency-key': 'cordon it once' } });
    const first = await cordon();
    await act(id, 'uncordon');
    const second = await cordon();
    expect(second.body).toEqual(first.body);
    expect(second.headers.get('idempotent-replayed')).toBe('true');
    expect(await get(id)).toMatchObject({ adminState: 'active' });
  });

  it('lists by state, newest first, in parts', async () => {
    const ids = [await seed('z3'), await seed('z2'), await seed('z1')];
    for (const id of ids) await act(id, 'maintenance');
    const first = await admin.call('GET /runners?adminState=maintenance&limit=2');
    expect(first.body).toMatchObject({ data: [{ id: ids[0] }, { id: ids[1] }], hasMore: true });
    const second = await admin.call(`GET /runners?adminState=maintenance&limit=2&after=${ids[1] ?? ''}`);
    expect(second.body).toMatchObject({ data: [{ id: ids[2] }], hasMore: false });
  });

  it.each(['adminState=lost', 'colour=red', 'limit=0'])('refuses ?%s', async (query) => {
    expect((await admin.call(`GET /runners?${query}`)).status).toBe(400);
  });

  it('removes a runner with all that is written of it', async () => {
    const id = await seed('removed');
    expect(await admin.call(`DELETE /runners/${id}`)).toMatchObject({ status: 204 });
    for (const request of [`GET /runners/${id}`, `DELETE /runners/${id}`, `POST /runners/${id}/drain`]) {
      expect(errorOf(await admin.call(request))).toMatchObject({ code: 'resource_not_found' });
    }
  });

  it('writes who changed what into the audit log, for operators only', async () => {
    const id = await seed('audited');
    await act(id, 'cordon');
    await act(id, 'cordon');
    await admin.call(`DELETE /runners/${id}`);
    const common = { tenantId: null, actorKind: 'operator', resourceKind: 'runner', resourceId: id };
    const { body } = await admin.call(`GET /audit-log?resourceId=${id}`);
    expect(body).toMatchObject({
      data: [
        { ...common, action: 'delete', before: { adminState: 'cordoned' }, after: null },
        { ...common, action: 'change', before: { adminState: 'active' }, after: { adminState: 'cordoned' } },
      ],
    });
    expect(JSON.stringify(body)).not.toContain('hash of');
  });
});
