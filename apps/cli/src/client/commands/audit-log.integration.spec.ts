import { startFakeServer, type FakeServer } from '../../../test/fake-server.js';
import { clientOf } from '../../../test/run-client.js';

const entry = {
  ...{ id: 'aud_2', at: '2026-11-25T16:34:05.678Z', tenantId: 'ten_1', actorKeyId: 'key_9', actorKind: 'operator' },
  ...{ address: '127.0.0.1', requestId: 'req_1', action: 'change', resourceKind: 'tenant', resourceId: 'ten_1' },
  before: { name: 'acme', limits: { requestsPerMinute: 60 }, weight: 1, version: 1 },
  after: { name: 'acme', limits: { requestsPerMinute: 90 }, weight: 2, version: 2 },
};
const created = { ...entry, id: 'aud_1', action: 'create', actorKeyId: null, actorKind: 'millrace up', before: null };

let server: FakeServer;
beforeEach(async () => {
  server = await startFakeServer();
  server.replies['GET /admin/v1/audit-log'] = { json: { object: 'list', data: [entry, created], hasMore: false } };
});
afterEach(() => server.stop());

const run = clientOf(() => server, 'mr-operator-x');
const query = () => Object.fromEntries(new URL(server.heard.at(-1)?.url ?? '', server.url).searchParams);

describe('the audit log', () => {
  it('tells who changed what, when and from where, and which fields', async () => {
    expect((await run('audit-log')).output).toBe(
      'AT (UTC)             ACTION  OF            CHANGED         BY           FROM\n' +
        '2026-11-25 16:34:05  change  tenant ten_1  limits, weight  key_9        127.0.0.1\n' +
        '2026-11-25 16:34:05  create  tenant ten_1  -               millrace up  127.0.0.1\n',
    );
    expect(query()).toEqual({});
  });

  it('can be searched', async () => {
    await run(
      'audit-log --tenant ten_1 --of key_1 --by key_9 --action rotate --from 2026-11-01 --to 2026-12-01 --limit 5',
    );
    expect(query()).toEqual({
      ...{ tenantId: 'ten_1', resourceId: 'key_1', actorKeyId: 'key_9', action: 'rotate', limit: '5' },
      ...{ from: '2026-11-01T00:00:00.000Z', to: '2026-12-01T00:00:00.000Z' },
    });
    expect(await run('audit-log --action destroy')).toMatchObject({ status: 2 });
  });
});
