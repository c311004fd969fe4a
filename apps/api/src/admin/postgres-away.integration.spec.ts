import { startAdminApi, type AdminUnderTest, type Json } from '../../test/admin-under-test.js';
import { cuttableConnection, type CuttableConnection } from '../../test/cuttable-connection.js';

let postgres: CuttableConnection;
let admin: AdminUnderTest;
beforeAll(async () => {
  admin = await startAdminApi(1, async (url) => {
    postgres = await cuttableConnection(url);
    return postgres.url;
  });
});
afterAll(async () => {
  await postgres.cut();
  await admin.stop();
});

describe('while Postgres is away', () => {
  it('the admin API answers 503 with Retry-After, and keys that are known go on working', async () => {
    const { body } = await admin.call('POST /tenants', { body: { name: 'acme' } });
    const path = `/tenants/${String(body['id'])}`;
    const { secret } = await admin.seedKey(String(body['id']), 'inference');
    expect((await admin.call('GET /v1/models', { key: secret })).status).toBe(200);
    await postgres.cut();
    const headers = { 'idempotency-key': 'away' };
    const requests = [
      ...[`GET ${path}`, 'GET /tenants', `GET ${path}/api-keys`, 'GET /audit-log', 'GET /usage', 'GET /me'],
      ...[`PATCH ${path}`, 'POST /tenants', `POST ${path}/agents`, `DELETE ${path}`],
    ];
    for (const request of requests) {
      const body = /^P/.test(request)
        ? { name: 'other', ...(request.endsWith('agents') && { model: 'm' }) }
        : undefined;
      const answer = await admin.call(request, { ...(body && { body }), headers });
      const error = answer.body['error'] as Json;
      expect({ request, status: answer.status, code: error['code'] }).toEqual({
        ...{ request, status: 503, code: 'out_of_reach' },
      });
      expect(answer.headers.get('retry-after')).toBe('2');
    }
    expect((await admin.call('GET /v1/models', { key: secret })).status).toBe(200);
  });
});
