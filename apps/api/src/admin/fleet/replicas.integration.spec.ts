import { startAdminApi, type AdminAnswer, type AdminUnderTest } from '../../../test/admin-under-test.js';
import { GIB, seedFleet, type SeededFleet } from '../../../test/seed-fleet.js';

let admin: AdminUnderTest;
beforeAll(async () => {
  admin = await startAdminApi();
});
afterAll(() => admin.stop());

const errorOf = ({ body }: AdminAnswer) => body['error'] as Record<string, unknown>;
const get = async (id: string) => (await admin.call(`GET /replicas/${id}`)).body;
const query = async (text: string, values: unknown[]) =>
  admin.dataSource.query<Record<string, unknown>[]>(text, values);
const seed = async (name: string): Promise<SeededFleet> => seedFleet(admin.dataSource, name);

describe('/admin/v1/replicas', () => {
  it('shows a replica as it is wished and as its runner reports it', async () => {
    const { replicaId, runnerId } = await seed('shown');
    expect(await get(replicaId)).toEqual({
      ...{ id: replicaId, deploymentId: 'dep_1', model: null, runnerId, runnerName: 'shown', deviceKeys: ['cuda-0'] },
      ...{ state: 'ready', slots: 4, contextLength: 4096, inFlight: 2, progress: 0, generation: 1 },
      ...{ reservedBytes: 6 * GIB, measuredBytes: 6 * GIB, drainReason: null, drainingSince: null },
      ...{ readySince: null, lastUsedAt: null, createdAt: expect.stringMatching(/Z$/) as string },
      status: { phase: 'ready', reason: 'ready', message: 'It serves 2 of 4.', observedGeneration: 0 },
    });
  });

  it('tells one that its runner has not begun from one that is assigned no more', async () => {
    const assigned = await seed('assigned');
    await query('DELETE FROM replicas WHERE replica_id = $1', [assigned.replicaId]);
    expect(await get(assigned.replicaId)).toMatchObject({ state: 'assigned', slots: 0 });
    const stopping = await seed('stopping');
    await query('DELETE FROM assignments WHERE replica_id = $1', [stopping.replicaId]);
    expect(await get(stopping.replicaId)).toMatchObject({ state: 'stopping', deviceKeys: [], createdAt: null });
    const answer = await admin.call(`POST /replicas/${stopping.replicaId}/drain`);
    expect(answer.status).toBe(409);
    expect(errorOf(answer)).toMatchObject({ code: 'conflict' });
  });

  it.each([
    ['drain', 'operator_drain'],
    ['restart', 'operator_restart'],
  ])(
    'writes down a %s where the next plan finds it, tells the runner by the generation, and does so once',
    async (verb, reason) => {
      const { replicaId, runnerId } = await seed(`ended-${verb}`);
      const generation = async () => (await query('SELECT generation FROM runners WHERE id = $1', [runnerId]))[0];
      const first = await admin.call(`POST /replicas/${replicaId}/${verb}`);
      expect(first).toMatchObject({ status: 200, body: { state: 'draining', drainReason: reason } });
      expect(first.body['status']).toMatchObject({ phase: 'draining', reason });
      expect(await generation()).toEqual({ generation: '1' });
      expect((await admin.call(`POST /replicas/${replicaId}/drain`)).body).toEqual(first.body);
      expect(await generation()).toEqual({ generation: '1' });
      const lines = await query('SELECT releasing_since FROM device_reservations WHERE replica_id = $1', [replicaId]);
      expect(lines).toEqual([{ releasing_since: expect.any(Date) as Date }]);
      const { body } = await admin.call(`GET /audit-log?resourceId=${replicaId}`);
      expect(body).toMatchObject({
        data: [{ resourceKind: 'replica', tenantId: null, after: { drainReason: reason } }],
      });
      expect((body['data'] as unknown[]).length).toBe(1);
    },
  );

  it('lists newest first, in parts, and by runner, deployment and state', async () => {
    const [third, second] = [await seed('z3'), await seed('z2')];
    const first = await admin.call(`GET /replicas?limit=1&deploymentId=dep_1`);
    expect(first.body).toMatchObject({ data: [{ id: third.replicaId }], hasMore: true });
    const next = await admin.call(`GET /replicas?limit=1&after=${third.replicaId}`);
    expect(next.body).toMatchObject({ data: [{ id: second.replicaId }], hasMore: true });
    const own = await admin.call(`GET /replicas?runnerId=${second.runnerId}&state=ready`);
    expect(own.body).toMatchObject({ data: [{ id: second.replicaId }], hasMore: false });
    for (const filter of [`runnerId=${second.runnerId}&state=failed`, 'model=none', 'deploymentId=dep_9']) {
      expect((await admin.call(`GET /replicas?${filter}`)).body).toMatchObject({ data: [], hasMore: false });
    }
    expect((await admin.call('GET /replicas?state=lost')).status).toBe(400);
  });

  it('knows no replica that is not there', async () => {
    for (const request of ['GET /replicas/rep_0', 'POST /replicas/rep_0/drain', 'POST /replicas/rep_0/restart']) {
      expect(errorOf(await admin.call(request))).toMatchObject({ code: 'resource_not_found' });
    }
  });
});

describe('/admin/v1/devices', () => {
  it('shows what is set aside, what of it was measured, and what others use', async () => {
    const { runnerId, replicaId } = await seed('device');
    const { body } = await admin.call(`GET /devices?runnerId=${runnerId}`);
    expect(body).toEqual({
      object: 'list',
      data: [
        {
          ...{ id: `${runnerId}/cuda-0`, runnerId, runnerName: 'device', deviceKey: 'cuda-0', deviceType: 'L4' },
          ...{ totalBytes: 24 * GIB, freeBytes: 15 * GIB, reserveBytes: GIB },
          ...{ reservedBytes: 6 * GIB, measuredBytes: 6 * GIB, unmanagedBytes: 3 * GIB },
          ...{ replicas: [replicaId], observedAt: expect.stringMatching(/Z$/) as string },
        },
      ],
      hasMore: false,
    });
  });

  it('counts the bytes of a load under way as reserved and not yet as used', async () => {
    const { runnerId, replicaId } = await seed('loading');
    await query(`UPDATE replicas SET state = 'loading' WHERE replica_id = $1`, [replicaId]);
    await query(`UPDATE device_reservations SET basis = 'predicted' WHERE replica_id = $1`, [replicaId]);
    const { body } = await admin.call(`GET /devices?runnerId=${runnerId}`);
    expect(body).toMatchObject({ data: [{ reservedBytes: 6 * GIB, measuredBytes: 0, unmanagedBytes: 9 * GIB }] });
  });

  it('lists in parts and by type', async () => {
    const all = (await admin.call('GET /devices?limit=100')).body['data'] as { id: string }[];
    const first = (await admin.call('GET /devices?limit=1&deviceType=L4')).body;
    expect(first).toMatchObject({ data: [{ id: all[0]?.id }], hasMore: true });
    const second = (await admin.call(`GET /devices?limit=1&after=${all[0]?.id ?? ''}`)).body;
    expect(second).toMatchObject({ data: [{ id: all[1]?.id }] });
    expect((await admin.call('GET /devices?deviceType=H100')).body).toMatchObject({ data: [] });
  });
});
