import { seedFleet } from '../../test/seed-fleet.js';
import { startAdminApi, type AdminUnderTest } from '../../test/admin-under-test.js';

const TENANT = '/tenants/{tenantId}';
const KEY = `${TENANT}/api-keys/{keyId}`;
const AGENT = `${TENANT}/agents/{agentId}`;
const MODEL = '/models/{modelId}';
const DEPLOYMENT = '/deployments/{deploymentId}';
const RUNNER = '/runners/{runnerId}';
const AGENT_KEY = `${AGENT}/api-keys/{agentKeyId}`;

interface Step {
  request: string;
  body?: object;
  /** The parameter that later steps fill with the id of what this one makes. */
  makes?: string;
}

/** One call of each operation below /admin/v1, in an order that works; a new operation is added here. */
const STEPS: Step[] = [
  { request: 'GET /me' },
  { request: 'POST /tenants', body: { name: 'acme', limits: { tokensPerMonth: 1_000 } }, makes: 'tenantId' },
  { request: 'GET /tenants' },
  { request: `GET ${TENANT}` },
  { request: `PATCH ${TENANT}`, body: { weight: 2, allowedModels: ['a'], limits: null } },
  { request: `POST ${TENANT}/api-keys`, body: { name: 'one', expiresAt: '2100-01-01T00:00:00Z' }, makes: 'keyId' },
  { request: `GET ${TENANT}/api-keys` },
  { request: `GET ${KEY}` },
  { request: `PATCH ${KEY}`, body: { limits: { maxConcurrent: 3 }, disabled: true } },
  { request: `POST ${KEY}/rotate` },
  { request: `POST ${TENANT}/agents`, body: { name: 'guide', model: 'a', sampling: { seed: 1 } }, makes: 'agentId' },
  { request: `GET ${TENANT}/agents` },
  { request: `GET ${AGENT}` },
  { request: `PATCH ${AGENT}`, body: { systemPrompt: 'Be brief.', locks: ['seed'], sampling: null } },
  { request: `POST ${AGENT}/api-keys`, body: { name: 'two' }, makes: 'agentKeyId' },
  { request: `GET ${AGENT}/api-keys` },
  { request: `GET ${AGENT_KEY}` },
  { request: `PATCH ${AGENT_KEY}`, body: { name: 'three' } },
  { request: `POST ${AGENT_KEY}/rotate` },
  { request: 'GET /usage' },
  {
    request: 'POST /models',
    body: { name: 'echo', artifact: 'simulated:echo', engine: 'simulated', engineOptions: { slots: 2 } },
    makes: 'modelId',
  },
  { request: 'GET /models' },
  { request: `GET ${MODEL}` },
  { request: `PATCH ${MODEL}`, body: { engineOptions: { slots: null } } },
  {
    request: 'POST /deployments',
    body: { model: 'echo', minReplicas: 0, placement: { labels: { zone: 'a' } } },
    makes: 'deploymentId',
  },
  { request: 'GET /deployments' },
  { request: `GET ${DEPLOYMENT}` },
  { request: `PATCH ${DEPLOYMENT}`, body: { keepAliveSeconds: 60, placement: { labels: { zone: null } } } },
  { request: `POST ${MODEL}/evaluate` },
  { request: 'GET /scheduler' },
  { request: 'GET /scheduler/decisions' },
  { request: 'POST /scheduler/plan', body: { deployment: { model: 'echo' } } },
  { request: 'POST /scheduler/pause' },
  { request: 'POST /scheduler/resume' },
  { request: `POST ${DEPLOYMENT}/pause` },
  { request: `POST ${DEPLOYMENT}/resume` },
  { request: `DELETE ${DEPLOYMENT}` },
  { request: `DELETE ${MODEL}` },
  { request: 'GET /queues' },
  { request: 'POST /join-tokens', body: { name: 'rack', expiresAt: '2100-01-01T00:00:00Z' }, makes: 'joinTokenId' },
  { request: 'GET /join-tokens' },
  { request: 'GET /join-tokens/{joinTokenId}' },
  { request: 'POST /join-tokens/{joinTokenId}/revoke' },
  { request: 'DELETE /join-tokens/{joinTokenId}' },
  { request: 'GET /runners' },
  { request: `GET ${RUNNER}` },
  { request: `PATCH ${RUNNER}`, body: { labels: { zone: 'a' } } },
  { request: `POST ${RUNNER}/cordon` },
  { request: `POST ${RUNNER}/drain` },
  { request: `POST ${RUNNER}/maintenance` },
  { request: `POST ${RUNNER}/uncordon` },
  { request: 'GET /devices' },
  { request: 'GET /replicas' },
  { request: 'GET /replicas/{replicaId}' },
  { request: 'POST /replicas/{replicaId}/restart' },
  { request: 'POST /replicas/{replicaId}/drain' },
  { request: `DELETE ${RUNNER}` },
  { request: `DELETE ${AGENT_KEY}` },
  { request: `DELETE ${AGENT}` },
  { request: `DELETE ${KEY}` },
  { request: `DELETE ${TENANT}` },
  { request: 'GET /audit-log' },
  { request: 'GET /events' },
  { request: 'GET /jobs' },
  { request: 'GET /jobs/{jobId}' },
  { request: 'POST /jobs/{jobId}/cancel' },
];

let admin: AdminUnderTest;
beforeAll(async () => {
  admin = await startAdminApi();
});
afterAll(() => admin.stop());

/** Without the names of parameters: the router's and the steps' may differ. */
const anonymous = (request: string) => request.replace(/\{\w+\}/g, '{}');

async function documentedRequests(): Promise<string[]> {
  const document = (await (await fetch(`${admin.baseUrls[0] ?? ''}/openapi.json`)).json()) as { paths: object };
  return Object.entries(document.paths)
    .filter(([path]) => path.startsWith('/admin/v1'))
    .flatMap(([path, methods]) =>
      Object.keys(methods as object).map((method) => `${method.toUpperCase()} ${path.slice('/admin/v1'.length)}`),
    );
}

describe('every operation below /admin/v1', () => {
  it('is among the steps', async () => {
    const documented = await documentedRequests();
    expect(documented.map(anonymous).sort()).toEqual(STEPS.map(({ request }) => anonymous(request)).sort());
  });

  // Each call is held to /openapi.json by admin-under-test.ts.
  it('succeeds as documented', async () => {
    const ids: Record<string, unknown> = { ...(await seedFleet(admin.dataSource)), jobId: 'ses_1' };
    for (const { request, body, makes } of STEPS) {
      const filled = request.replace(/\{(\w+)\}/g, (_, name: string) => String(ids[name]));
      const answer = await admin.call(filled, { body, headers: { accept: 'application/json' } });
      if (answer.status >= 300) throw new Error(`${filled} → ${String(answer.status)} ${JSON.stringify(answer.body)}`);
      if (makes !== undefined) ids[makes] = answer.body['id'];
    }
  });
});
