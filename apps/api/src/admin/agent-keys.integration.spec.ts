import { startAdminApi, type AdminAnswer, type AdminUnderTest, type Json } from '../../test/admin-under-test.js';

let admin: AdminUnderTest;
let tenantId: string;
beforeAll(async () => {
  admin = await startAdminApi(2);
  tenantId = idOf(await admin.call('POST /tenants', { body: { name: 'acme' } }));
});
afterAll(() => admin.stop());

const idOf = ({ body }: AdminAnswer): string => String(body['id']);
const errorOf = ({ body }: AdminAnswer) => body['error'] as Json;
const secretOf = ({ body }: AdminAnswer): string => String(body['secret']);

async function newAgent(name: string, model = 'first-model'): Promise<string> {
  return `/tenants/${tenantId}/agents/${idOf(await admin.call(`POST /tenants/${tenantId}/agents`, { body: { name, model } }))}`;
}

const newKey = async (agent: string, body: object = { name: 'k' }) => admin.call(`POST ${agent}/api-keys`, { body });

/** The API serves no model here: what it says about a request names the one that was wanted. */
async function wantedBy(key: string, copy: number): Promise<unknown> {
  const body = { messages: [{ role: 'user', content: 'Hi' }] };
  const answer = await admin.call('POST /v1/chat/completions', { key, body, copy });
  const wanted = /'(.*?)' does not exist/.exec(String(errorOf(answer)['message']))?.[1];
  return answer.status === 404 ? wanted : answer.status;
}

/** Asks the other copy again until it has heard; more than a second is too long. */
async function heardWithinASecond(key: string, expected: unknown): Promise<void> {
  const deadlineMs = performance.now() + 1_000;
  let wanted = await wantedBy(key, 1);
  while (wanted !== expected && performance.now() < deadlineMs) wanted = await wantedBy(key, 1);
  expect(wanted).toBe(expected);
}

describe('/admin/v1/tenants/{tenantId}/agents/{agentId}/api-keys', () => {
  it('makes a key that acts as the agent, whose secret is shown once', async () => {
    const agent = await newAgent('shown');
    const created = await newKey(agent, { name: 'shop', limits: { requestsPerMinute: 5 } });
    expect(created.status).toBe(201);
    expect(secretOf(created)).toMatch(/^mr-agent-[\w-]{43}$/);
    const { secret: _, ...shown } = created.body;
    expect(shown).toMatchObject({ name: 'shop', kind: 'agent', agentId: agent.split('/').at(-1), version: 1 });
    expect((await admin.call(`GET ${agent}/api-keys/${idOf(created)}`)).body).toEqual(shown);
    const list = await admin.call(`GET ${agent}/api-keys`);
    expect(list.body).toEqual({ object: 'list', data: [shown], hasMore: false });
    expect(await wantedBy(secretOf(created), 0)).toBe('first-model');
  });

  it('knows the keys of its agent and no others', async () => {
    const [own, other] = [await newAgent('own'), await newAgent('other')];
    const foreign = idOf(await newKey(other));
    const plain = idOf(await admin.call(`POST /tenants/${tenantId}/api-keys`, { body: { name: 'plain' } }));
    for (const id of [foreign, plain, 'key_none']) {
      expect((await admin.call(`GET ${own}/api-keys/${id}`)).status).toBe(404);
      expect((await admin.call(`PATCH ${own}/api-keys/${id}`, { body: { name: 'x' } })).status).toBe(404);
      expect((await admin.call(`POST ${own}/api-keys/${id}/rotate`)).status).toBe(404);
      expect((await admin.call(`DELETE ${own}/api-keys/${id}`)).status).toBe(404);
    }
    expect((await admin.call(`GET ${own}/api-keys`)).body).toMatchObject({ data: [] });
    const gone = `/tenants/${tenantId}/agents/agt_none/api-keys`;
    expect((await admin.call(`GET ${gone}`)).status).toBe(404);
    expect((await admin.call(`POST ${gone}`, { body: { name: 'a' } })).status).toBe(404);
    expect((await admin.call(`GET ${own}/api-keys?agentId=x`)).status).toBe(400);
  });

  it('is closed to other tenants', async () => {
    const agent = await newAgent('closed');
    const key = idOf(await newKey(agent));
    const stranger = idOf(await admin.call('POST /tenants', { body: { name: 'stranger' } }));
    const { secret } = await admin.seedKey(stranger, 'tenant-admin');
    const borrowed = agent.replace(tenantId, stranger);
    for (const path of [agent, borrowed]) {
      for (const request of [`GET ${path}/api-keys`, `GET ${path}/api-keys/${key}`, `DELETE ${path}/api-keys/${key}`]) {
        expect((await admin.call(request, { key: secret })).status).toBe(404);
      }
      const options = { key: secret, body: { name: 'mine' } };
      expect((await admin.call(`POST ${path}/api-keys`, options)).status).toBe(404);
    }
  });

  it('ends and rotates keys on every API process within a second', async () => {
    const agent = await newAgent('ended');
    const created = await newKey(agent);
    const [path, first] = [`${agent}/api-keys/${idOf(created)}`, secretOf(created)];
    expect([await wantedBy(first, 0), await wantedBy(first, 1)]).toEqual(['first-model', 'first-model']);
    const second = secretOf(await admin.call(`POST ${path}/rotate`, { body: { overlapSeconds: 0 } }));
    await heardWithinASecond(first, 401);
    await heardWithinASecond(second, 'first-model');
    await admin.call(`PATCH ${path}`, { body: { disabled: true } });
    await heardWithinASecond(second, 401);
    await admin.call(`PATCH ${path}`, { body: { disabled: false } });
    await heardWithinASecond(second, 'first-model');
    expect((await admin.call(`DELETE ${path}`)).status).toBe(204);
    await heardWithinASecond(second, 401);
  });

  it('follow a change and the end of their agent on every API process within a second', async () => {
    const agent = await newAgent('changed');
    const key = secretOf(await newKey(agent));
    expect([await wantedBy(key, 0), await wantedBy(key, 1)]).toEqual(['first-model', 'first-model']);
    await admin.call(`PATCH ${agent}`, { body: { model: 'second-model' } });
    expect(await wantedBy(key, 0)).toBe('second-model');
    await heardWithinASecond(key, 'second-model');
    expect((await admin.call(`DELETE ${agent}`)).status).toBe(204);
    expect(await wantedBy(key, 0)).toBe(401);
    await heardWithinASecond(key, 401);
    const left = await admin.call(`GET /tenants/${tenantId}/api-keys?agentId=${agent.split('/').at(-1) ?? ''}`);
    expect(left.body).toMatchObject({ data: [] });
  });

  it('follows its agent again after a break in which a change was announced', async () => {
    const agent = await newAgent('missed');
    const key = secretOf(await newKey(agent));
    expect(await wantedBy(key, 1)).toBe('first-model');
    await admin.dataSource.query(`UPDATE agents SET model = 'unannounced' WHERE name = 'missed'`);
    admin.breakSubscription(1);
    await heardWithinASecond(key, 'unannounced');
  });
});
