import { startAdminApi, type AdminAnswer, type AdminUnderTest } from '../../../test/admin-under-test.js';
import { seedFleet } from '../../../test/seed-fleet.js';
import { watchEvents, type EventWatch } from '../../../test/watch-events.js';

let admin: AdminUnderTest;
beforeAll(async () => {
  admin = await startAdminApi(2);
});
afterAll(() => admin.stop());

const open: EventWatch[] = [];
afterEach(() => {
  for (const watch of open.splice(0)) watch.leave();
});

async function watch(query = '', options: { copy?: number; lastEventId?: string } = {}): Promise<EventWatch> {
  const { copy = 0, ...place } = options;
  const watching = await watchEvents(`${admin.baseUrls[copy] ?? ''}/admin/v1/events${query}`, {
    key: admin.operatorKey,
    ...place,
  });
  open.push(watching);
  return watching;
}

const query = async (text: string, values: unknown[] = []) => admin.dataSource.query<object[]>(text, values);
const addTenant = async (name: string) => String((await admin.call('POST /tenants', { body: { name } })).body['id']);
const errorOf = ({ body }: AdminAnswer) => body['error'] as Record<string, unknown>;

describe('/admin/v1/events', () => {
  it('tells at every copy of the API what is administered at one, with ids and numbers only', async () => {
    const [here, there] = [await watch('?type=tenant'), await watch('?type=tenant', { copy: 1 })];
    const id = await addTenant('told');
    await admin.call(`PATCH /tenants/${id}`, { body: { weight: 2 } });
    await admin.call(`DELETE /tenants/${id}`);
    // An event of the set-up may come first.
    const own = async (watching: EventWatch) => {
      const events: Awaited<ReturnType<EventWatch['next']>> = [];
      while (events.length < 3) events.push(...(await watching.next(1)).filter(({ resourceId }) => resourceId === id));
      return events;
    };
    const events = await own(here);
    const data = { tenantId: id, actorKeyId: expect.any(String) as string };
    const common = { id: expect.stringMatching(/^\d+-\d+$/) as string, resourceId: id };
    const createdAt = expect.stringMatching(/Z$/) as string;
    expect(events).toEqual([
      { ...common, type: 'tenant.created', data: { ...data, version: 1 }, createdAt },
      { ...common, type: 'tenant.changed', data: { ...data, version: 2 }, createdAt },
      { ...common, type: 'tenant.deleted', data, createdAt },
    ]);
    expect(await own(there)).toEqual(events);
  });

  it('tells what becomes of runners, replicas and devices, and nothing of a heartbeat that changes nothing', async () => {
    const watching = await watch('?type=runner,replica,device');
    const { runnerId, replicaId } = await seedFleet(admin.dataSource, 'watched');
    await query(`UPDATE replicas SET state = 'ready', observed_at = now(), in_flight = 3 WHERE runner_id = $1`, [
      runnerId,
    ]);
    await query(`UPDATE devices SET free_bytes = 5 WHERE runner_id = $1`, [runnerId]);
    await query(`UPDATE runners SET last_heartbeat_at = now() WHERE id = $1`, [runnerId]);
    await admin.call(`POST /runners/${runnerId}/cordon`);
    await admin.call(`POST /replicas/${replicaId}/drain`);
    await admin.call(`DELETE /runners/${runnerId}`);
    const types = (await watching.next(13)).map(({ type }) => type);
    expect(types.slice(0, 8)).toEqual([
      ...['runner.joined', 'device.added', 'replica.assigned', 'replica.ready', 'device.reserved'],
      ...['runner.cordoned', 'replica.drain_decided', 'replica.changed'],
    ]);
    expect(types.slice(8).sort()).toEqual([
      ...['device.released', 'device.removed', 'replica.gone', 'replica.unassigned', 'runner.deleted'],
    ]);
  });

  it('tells only of one resource or type where asked', async () => {
    const { runnerId } = await seedFleet(admin.dataSource, 'filtered');
    const watching = await watch(`?type=runner.uncordoned&resourceId=${runnerId}`);
    for (const verb of ['cordon', 'uncordon']) await admin.call(`POST /runners/${runnerId}/${verb}`);
    expect(await watching.next(1)).toMatchObject([{ type: 'runner.uncordoned', resourceId: runnerId }]);
  });

  it('goes on behind the last event at another copy, without gap or repetition', async () => {
    const first = await watch('?type=tenant');
    await addTenant('before');
    const [seen] = await first.next(1);
    first.leave();
    const missed = [await addTenant('missed 1'), await addTenant('missed 2')];
    const second = await watch('?type=tenant', { copy: 1, lastEventId: seen?.id ?? '' });
    const after = await addTenant('after');
    expect((await second.next(3)).map(({ resourceId }) => resourceId)).toEqual([...missed, after]);
  });

  it('can go on where a stream began in which nothing happened', async () => {
    const quiet = await watch('?type=tenant');
    quiet.leave();
    const id = await addTenant('later');
    const resumed = await watch('?type=tenant', { lastEventId: quiet.lastEventId });
    expect(await resumed.next(1)).toMatchObject([{ resourceId: id }]);
  });

  it('tells an event whose transaction commits after that of a later one', async () => {
    const watching = await watch('?type=tenant');
    const slow = admin.dataSource.createQueryRunner();
    await slow.startTransaction();
    const tell = `SELECT tell_event('tenant.changed', $1, '{}')`;
    await slow.query(tell, ['ten_slow']);
    await query(tell, ['ten_fast']);
    await slow.commitTransaction();
    await slow.release();
    expect((await watching.next(2)).map(({ resourceId }) => resourceId)).toEqual(['ten_slow', 'ten_fast']);
  });

  it('says that there is a gap to whoever was away for too long', async () => {
    const early = await watch('?type=tenant');
    await addTenant('forgotten');
    const [seen] = await early.next(1);
    await query(`SELECT tell_event('tenant.changed', 'ten_x', '{}') FROM generate_series(1, 3)`);
    await query('DELETE FROM events WHERE id < (SELECT max(id) FROM events)');
    const late = await watch('?type=tenant', { lastEventId: seen?.id ?? '' });
    expect((await late.next(2)).map(({ type }) => type)).toEqual(['gap', 'tenant.changed']);
  });

  it('lists what has happened, newest first and in parts, for whoever wants JSON', async () => {
    const ids = [await addTenant('listed 1'), await addTenant('listed 2')];
    const list = async (page: string) =>
      (await admin.call(`GET /events?type=tenant.created&${page}`, { headers: { accept: 'application/json' } })).body;
    const first = await list('limit=1');
    expect(first).toMatchObject({ data: [{ resourceId: ids[1], type: 'tenant.created' }], hasMore: true });
    const [newest] = first['data'] as { id: string }[];
    expect(await list(`limit=1&after=${newest?.id ?? ''}`)).toMatchObject({ data: [{ resourceId: ids[0] }] });
  });

  it('keeps the newest 10,000', async () => {
    const { EventStore } = await import('@millrace/adapters/postgres');
    await query(`SELECT tell_event('tenant.changed', 'ten_many', '{}') FROM generate_series(1, 10100)`);
    await new EventStore(admin.dataSource).forgetOld();
    expect(await query('SELECT count(*)::int FROM events')).toEqual([{ count: 10_000 }]);
  });

  it('ends the streams of a process that stops, so that they go on elsewhere', async () => {
    const alone = await startAdminApi();
    const watching = await watchEvents(`${alone.baseUrls[0] ?? ''}/admin/v1/events`, { key: alone.operatorKey });
    await alone.stop();
    await watching.ended;
  });

  it('is for operators only, and refuses a place that is none', async () => {
    const { secret: key } = await admin.seedKey(await addTenant('curious'), 'tenant-admin');
    const accept = 'application/json';
    expect((await admin.call('GET /events', { key, headers: { accept } })).status).toBe(403);
    const answer = await admin.call('GET /events', { headers: { 'last-event-id': 'yesterday' } });
    expect(answer.status).toBe(400);
    expect(errorOf(answer)).toMatchObject({ param: 'last-event-id' });
    for (const wrong of ['type=Runner', 'type=', 'after=x', 'colour=red']) {
      expect((await admin.call(`GET /events?${wrong}`)).status).toBe(400);
    }
  });
});
