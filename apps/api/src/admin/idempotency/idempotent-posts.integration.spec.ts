import { startAdminApi, type AdminAnswer, type AdminUnderTest, type Json } from '../../../test/admin-under-test.js';

let admin: AdminUnderTest;
let keys: string;
beforeAll(async () => {
  admin = await startAdminApi(2);
  const { body } = await admin.call('POST /tenants', { body: { name: 'acme' } });
  keys = `/tenants/${String(body['id'])}/api-keys`;
});
afterAll(() => admin.stop());

const errorOf = ({ body }: AdminAnswer) => body['error'] as Json;
const post = async (path: string, idempotencyKey: string, options: { body?: unknown; copy?: number; key?: string }) =>
  admin.call(`POST ${path}`, { ...options, headers: { 'idempotency-key': idempotencyKey } });
const countKeys = async (name: string) => {
  const { data } = (await admin.call(`GET ${keys}?name=${name}`)).body as { data: Json[] };
  return data.length;
};
const alterRow = async (idempotencyKey: string, changes: string) =>
  admin.dataSource.query(`UPDATE idempotent_answers SET ${changes} WHERE idempotency_key = $1`, [idempotencyKey]);

describe('a POST with an Idempotency-Key', () => {
  it('is served once and answered the same again, by every API process', async () => {
    const body = { name: 'once' };
    const first = await post(keys, 'k-once', { body });
    expect(first.status).toBe(201);
    expect(first.headers.get('idempotent-replayed')).toBeNull();
    for (const copy of [0, 1]) {
      const again = await post(keys, 'k-once', { body, copy });
      expect(again).toMatchObject({ status: 201, body: first.body });
      expect(again.headers.get('idempotent-replayed')).toBe('true');
    }
    expect(await countKeys('once')).toBe(1);
    const rows = await admin.dataSource.query<{ answer: Buffer }[]>('SELECT answer FROM idempotent_answers');
    expect(rows.map(({ answer }) => answer.toString('latin1')).join()).not.toContain('mr-inference');
  });

  it('rotates once, also without a body', async () => {
    const made = await admin.call(`POST ${keys}`, { body: { name: 'rotated' } });
    const path = `${keys}/${String(made.body['id'])}/rotate`;
    const first = await post(path, 'k-rotate', {});
    const again = await post(path, 'k-rotate', {});
    expect(again).toMatchObject({ status: 200, body: first.body });
    expect(first.body).toMatchObject({ version: 2 });
  });

  it('is refused like any other where nobody can read its body', async () => {
    const deep = Array.from({ length: 1_000 }).reduce<unknown>((inner) => [inner], 1);
    const answer = await post(keys, 'k-deep', { body: { name: deep } });
    expect(answer.status).toBe(400);
    expect(errorOf(answer)).toMatchObject({ code: 'body_too_complex' });
  });

  it('refuses another request under the same key', async () => {
    await post(keys, 'k-other', { body: { name: 'one' } });
    const answers = [
      await post(keys, 'k-other', { body: { name: 'two' } }),
      await post('/tenants', 'k-other', { body: { name: 'one' } }),
    ];
    for (const answer of answers) {
      expect(answer.status).toBe(409);
      expect(errorOf(answer)).toMatchObject({ code: 'idempotency_key_reused', param: 'idempotency-key' });
      expect(answer.headers.get('x-should-retry')).toBe('false');
    }
    expect(await countKeys('two')).toBe(0);
  });

  it('is served once when many come together', async () => {
    const body = { name: 'together' };
    const together = Array.from({ length: 20 }, (_, index) => post(keys, 'k-together', { body, copy: index % 2 }));
    const answers = await Promise.all(together);
    const served = answers.filter(({ status }) => status === 201);
    expect(new Set(served.map((answer) => answer.body['id'])).size).toBe(1);
    for (const answer of answers.filter(({ status }) => status !== 201)) {
      expect(errorOf(answer)).toMatchObject({ code: 'idempotency_in_progress' });
      expect(answer.headers.get('retry-after')).toBe('1');
    }
    expect(await countKeys('together')).toBe(1);
  });

  it('is another one for another API key', async () => {
    const { secret: key } = await admin.seedKey(admin.operatorTenantId, 'operator');
    const body = { name: 'apart' };
    const [one, other] = [await post(keys, 'k-apart', { body }), await post(keys, 'k-apart', { body, key })];
    expect(other.status).toBe(201);
    expect(other.body['id']).not.toBe(one.body['id']);
  });

  it('is refused where its API key was deleted a moment ago, which this process has not heard of', async () => {
    const { secret: key } = await admin.seedKey(admin.operatorTenantId, 'operator');
    const me = await admin.call('GET /me', { key });
    await admin.dataSource.query('DELETE FROM api_keys WHERE id = $1', [(me.body['apiKey'] as Json)['id']]);
    const answer = await post(keys, 'k-gone', { body: { name: 'gone' }, key });
    expect(answer.status).toBe(401);
    expect(await countKeys('gone')).toBe(0);
  });

  it('can be tried again after it was refused', async () => {
    const { body: taken } = await admin.call('POST /tenants', { body: { name: 'taken' } });
    const body = { name: 'taken' };
    expect((await post('/tenants', 'k-refused', { body })).status).toBe(409);
    await admin.call(`DELETE /tenants/${String(taken['id'])}`);
    expect((await post('/tenants', 'k-refused', { body })).status).toBe(201);
  });

  it('is a new one after a day', async () => {
    const body = { name: 'daily' };
    await post(keys, 'k-daily', { body });
    await alterRow('k-daily', "created_at = now() - interval '24 hours 1 second'");
    const next = await post(keys, 'k-daily', { body: { name: 'daily', disabled: true } });
    expect(next.headers.get('idempotent-replayed')).toBeNull();
    expect(await countKeys('daily')).toBe(2);
  });

  it('is served by another process when the one that began it has died before it changed anything', async () => {
    const body = { name: 'abandoned' };
    const first = await post(keys, 'k-abandoned', { body });
    await alterRow('k-abandoned', "status = NULL, request_id = 'req_died'");
    expect(errorOf(await post(keys, 'k-abandoned', { body }))).toMatchObject({ code: 'idempotency_in_progress' });
    await alterRow('k-abandoned', "created_at = now() - interval '61 seconds'");
    const second = await post(keys, 'k-abandoned', { body, copy: 1 });
    expect(second.status).toBe(201);
    expect(second.body['id']).not.toBe(first.body['id']);
  });

  it('says so when the change is there and its answer is lost', async () => {
    const body = { name: 'lost' };
    const first = await post(keys, 'k-lost', { body });
    await alterRow('k-lost', "status = NULL, created_at = now() - interval '61 seconds'");
    const answer = await post(keys, 'k-lost', { body });
    expect(answer.status).toBe(409);
    expect(String(errorOf(answer)['message'])).toContain(String(first.body['id']));
    expect(await countKeys('lost')).toBe(1);
  });

  it('is understood by every route that takes POST', async () => {
    const routes = admin.routes.filter((route) => route.startsWith('POST /admin/v1/'));
    expect(routes.length).toBeGreaterThan(2);
    for (const route of routes) {
      const path = route.slice('POST /admin/v1'.length).replace(/:\w+/g, admin.operatorTenantId);
      const answer = await post(path, 'x'.repeat(256), { body: {} });
      expect({ route, status: answer.status, param: errorOf(answer)['param'] }).toEqual({
        ...{ route, status: 400, param: 'idempotency-key' },
      });
    }
  });
});
