import { connectPostgres, migrate, type DataSource } from '@millrace/adapters/postgres';
import { newSecret } from '@millrace/platform/ids';
import { createTestDatabase, type TestDatabase } from '@millrace/testing';
import { startApi, type ApiUnderTest } from '../../test/api-under-test.js';
import { call } from '../../test/requests.js';

const INFERENCE = ['operator', 'inference', 'agent'];
const OPERATOR = ['operator'];
const OWN_TENANT = ['operator', 'tenant-admin'];

/** Which kinds of keys each route takes; a new route is added here deliberately. */
const KINDS: Readonly<Record<string, readonly string[]>> = {
  'POST /v1/chat/completions': INFERENCE,
  'GET /v1/models': INFERENCE,
  'GET /v1/models/*': INFERENCE,
  'GET /admin/v1/queues': OPERATOR,
  'GET /admin/v1/tenants': OPERATOR,
  'POST /admin/v1/tenants': OPERATOR,
  'GET /admin/v1/tenants/:tenantId': OWN_TENANT,
  'PATCH /admin/v1/tenants/:tenantId': OPERATOR,
  'DELETE /admin/v1/tenants/:tenantId': OPERATOR,
  'GET /admin/v1/me': OWN_TENANT,
  'GET /admin/v1/audit-log': OWN_TENANT,
  'GET /admin/v1/tenants/:tenantId/api-keys': OWN_TENANT,
  'POST /admin/v1/tenants/:tenantId/api-keys': OWN_TENANT,
  'GET /admin/v1/tenants/:tenantId/api-keys/:keyId': OWN_TENANT,
  'PATCH /admin/v1/tenants/:tenantId/api-keys/:keyId': OWN_TENANT,
  'DELETE /admin/v1/tenants/:tenantId/api-keys/:keyId': OWN_TENANT,
  'POST /admin/v1/tenants/:tenantId/api-keys/:keyId/rotate': OWN_TENANT,
  'GET /admin/v1/tenants/:tenantId/agents': OWN_TENANT,
  'POST /admin/v1/tenants/:tenantId/agents': OWN_TENANT,
  'GET /admin/v1/tenants/:tenantId/agents/:agentId': OWN_TENANT,
  'PATCH /admin/v1/tenants/:tenantId/agents/:agentId': OWN_TENANT,
  'DELETE /admin/v1/tenants/:tenantId/agents/:agentId': OWN_TENANT,
  'GET /admin/v1/tenants/:tenantId/agents/:agentId/api-keys': OWN_TENANT,
  'POST /admin/v1/tenants/:tenantId/agents/:agentId/api-keys': OWN_TENANT,
  'GET /admin/v1/tenants/:tenantId/agents/:agentId/api-keys/:keyId': OWN_TENANT,
  'PATCH /admin/v1/tenants/:tenantId/agents/:agentId/api-keys/:keyId': OWN_TENANT,
  'DELETE /admin/v1/tenants/:tenantId/agents/:agentId/api-keys/:keyId': OWN_TENANT,
  'POST /admin/v1/tenants/:tenantId/agents/:agentId/api-keys/:keyId/rotate': OWN_TENANT,
  'GET /admin/v1/usage': OWN_TENANT,
  'GET /admin/v1/models': OPERATOR,
  'POST /admin/v1/models': OPERATOR,
  'GET /admin/v1/models/:modelId': OPERATOR,
  'PATCH /admin/v1/models/:modelId': OPERATOR,
  'DELETE /admin/v1/models/:modelId': OPERATOR,
  'POST /admin/v1/models/:modelId/evaluate': OPERATOR,
  'GET /admin/v1/scheduler': OPERATOR,
  'GET /admin/v1/scheduler/decisions': OPERATOR,
  'POST /admin/v1/scheduler/plan': OPERATOR,
  'POST /admin/v1/scheduler/pause': OPERATOR,
  'POST /admin/v1/scheduler/resume': OPERATOR,
  'GET /admin/v1/deployments': OPERATOR,
  'POST /admin/v1/deployments': OPERATOR,
  'GET /admin/v1/deployments/:deploymentId': OPERATOR,
  'PATCH /admin/v1/deployments/:deploymentId': OPERATOR,
  'DELETE /admin/v1/deployments/:deploymentId': OPERATOR,
  'POST /admin/v1/deployments/:deploymentId/pause': OPERATOR,
  'POST /admin/v1/deployments/:deploymentId/resume': OPERATOR,
  'GET /admin/v1/runners': OPERATOR,
  'GET /admin/v1/runners/:runnerId': OPERATOR,
  'PATCH /admin/v1/runners/:runnerId': OPERATOR,
  'DELETE /admin/v1/runners/:runnerId': OPERATOR,
  'POST /admin/v1/runners/:runnerId/cordon': OPERATOR,
  'POST /admin/v1/runners/:runnerId/uncordon': OPERATOR,
  'POST /admin/v1/runners/:runnerId/drain': OPERATOR,
  'POST /admin/v1/runners/:runnerId/maintenance': OPERATOR,
  'GET /admin/v1/replicas': OPERATOR,
  'GET /admin/v1/replicas/:replicaId': OPERATOR,
  'POST /admin/v1/replicas/:replicaId/restart': OPERATOR,
  'POST /admin/v1/replicas/:replicaId/drain': OPERATOR,
  'GET /admin/v1/devices': OPERATOR,
  'GET /admin/v1/events': OPERATOR,
  'GET /admin/v1/jobs': OPERATOR,
  'GET /admin/v1/jobs/:jobId': OPERATOR,
  'POST /admin/v1/jobs/:jobId/cancel': OPERATOR,
  'GET /admin/v1/join-tokens': OPERATOR,
  'POST /admin/v1/join-tokens': OPERATOR,
  'GET /admin/v1/join-tokens/:joinTokenId': OPERATOR,
  'POST /admin/v1/join-tokens/:joinTokenId/revoke': OPERATOR,
  'DELETE /admin/v1/join-tokens/:joinTokenId': OPERATOR,
};

/** For everybody, with or without a key. */
const PUBLIC = [
  ...['GET /livez', 'GET /readyz', 'GET /metrics'],
  ...['GET /openapi.json', 'GET /docs', 'GET /docs/start.js', 'GET /docs/:file'],
];

const TENANT = 'ten_1';

let database: TestDatabase;
let dataSource: DataSource;
let api: ApiUnderTest;
let secrets: Record<string, string>;
beforeAll(async () => {
  database = await createTestDatabase();
  dataSource = await connectPostgres(database.url);
  await migrate(dataSource);
  api = await startApi(dataSource);
  const { operator, tenantAdmin, inference, agent } = api.keys;
  secrets = { operator, 'tenant-admin': tenantAdmin, inference, agent };
});
afterAll(async () => {
  await api.stop();
  await dataSource.destroy();
  await database.drop();
});

/** Calls a route, whose parameters are ids that exist nowhere but for the tenant of all these keys. */
async function statusOf(route: string, key: string | null): Promise<number> {
  const [method = '', url = ''] = route.split(' ');
  const path = url.replace(':tenantId', TENANT).replace(/:\w+/g, 'unknown_1').replace('*', 'unknown');
  const body = method === 'GET' || method === 'DELETE' ? {} : { body: '{}' };
  const headers = { 'content-type': 'application/json', accept: 'application/json' };
  const response = await call(api, path, { method, key, headers, ...body });
  await response.arrayBuffer();
  return response.status;
}

describe('access', () => {
  it('is decided for every route there is', () => {
    const served = api.routes.filter((route) => !/^(HEAD|OPTIONS) /.test(route));
    expect(served.sort()).toEqual([...Object.keys(KINDS), ...PUBLIC].sort());
  });

  it.each(Object.entries(KINDS))('%s takes keys of the kinds %j and no others', async (route, kinds) => {
    for (const [kind, secret] of Object.entries(secrets)) {
      const status = await statusOf(route, secret);
      const refused = [401, 403].includes(status);
      expect({ kind, refused }).toEqual({ kind, refused: !kinds.includes(kind) });
      if (refused) expect(status).toBe(403);
      expect(status).toBeLessThan(500);
    }
  });

  it.each(Object.keys(KINDS))(
    '%s takes no join token, no runner credential, no disabled or expired key, and wants one',
    async (route) => {
      const { disabled, expired } = api.keys;
      for (const key of [newSecret('join'), newSecret('runner'), disabled, expired, null]) {
        expect(await statusOf(route, key)).toBe(401);
      }
    },
  );
});
