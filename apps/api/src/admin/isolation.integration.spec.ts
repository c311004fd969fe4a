import fc from 'fast-check';
import { UsageStore } from '@millrace/adapters/postgres';
import { startAdminApi, type AdminAnswer, type AdminUnderTest } from '../../test/admin-under-test.js';

let admin: AdminUnderTest;
beforeAll(async () => {
  admin = await startAdminApi();
});
afterAll(() => admin.stop());

/** How many resources of each kind a tenant has. */
interface Shape {
  keys: number;
  agents: number;
  keysOfAgent: number;
  usageRows: number;
}

/** A tenant with its resources. Every text of it holds its mark, so that it is found wherever it leaks. */
interface Inhabitant {
  mark: string;
  tenantId: string;
  /** The secret of its administrator. */
  secret: string;
  keyIds: string[];
  agentIds: string[];
}

const shape: fc.Arbitrary<Shape> = fc.record({
  keys: fc.integer({ min: 1, max: 2 }),
  agents: fc.integer({ min: 1, max: 2 }),
  keysOfAgent: fc.integer({ min: 0, max: 2 }),
  usageRows: fc.integer({ min: 0, max: 3 }),
});

let inhabitants = 0;
const idOf = ({ body }: AdminAnswer): string => String(body['id']);

async function settle({ keys, agents, keysOfAgent, usageRows }: Shape): Promise<Inhabitant> {
  inhabitants += 1;
  const mark = `mark${String(inhabitants)}x`;
  const make = async (path: string, more: object = {}) =>
    idOf(await admin.call(`POST ${path}`, { body: { name: `${mark} ${String(Math.random())}`, ...more } }));
  const tenantId = await make('/tenants', { allowedModels: [mark] });
  const path = `/tenants/${tenantId}`;
  const inhabitant: Inhabitant = { mark, tenantId, secret: '', keyIds: [], agentIds: [] };
  for (let key = 0; key < keys; key += 1) inhabitant.keyIds.push(await make(`${path}/api-keys`));
  for (let agent = 0; agent < agents; agent += 1) {
    const agentId = await make(`${path}/agents`, { model: mark, systemPrompt: `You serve ${mark}.` });
    inhabitant.agentIds.push(agentId);
    for (let key = 0; key < keysOfAgent; key += 1) {
      inhabitant.keyIds.push(await make(`${path}/agents/${agentId}/api-keys`));
    }
  }
  inhabitant.secret = (await admin.seedKey(tenantId, 'tenant-admin')).secret;
  await use(inhabitant, usageRows);
  return inhabitant;
}

async function use({ mark, tenantId, keyIds, agentIds }: Inhabitant, rows: number): Promise<void> {
  const common = { promptTokens: 1, cachedTokens: 0, completionTokens: 1, reasoningTokens: 0, attempts: 1 } as const;
  const records = Array.from({ length: rows }, (_, index) => ({
    ...{ requestId: `req_${mark}_${String(index)}`, jobId: `ses_${mark}_${String(index)}`, tenantId },
    ...{ keyId: keyIds[0] ?? '', agentId: agentIds[0] ?? '', model: mark, deploymentId: `dep_${mark}` },
    ...{ ...common, queueMs: 1, totalMs: 1, outcome: 'completed', finishedAtMs: Date.now() },
  }));
  await new UsageStore(admin.dataSource).record(records as Parameters<UsageStore['record']>[0]);
}

/** All ways to fill the parameters of a route with ids of `owner` and of `other`, with at least one of the other's. */
function foreignPaths(url: string, owner: Inhabitant, other: Inhabitant): string[] {
  const fill = (paths: string[], name: string, ids: readonly string[]) =>
    paths.flatMap((path) => ids.map((id) => path.replace(name, id)));
  const ofBoth = (owns: readonly string[], others: readonly string[]) => [...owns.slice(0, 1), ...others];
  let paths = fill([url], ':tenantId', [owner.tenantId, other.tenantId]);
  if (url.includes(':keyId')) paths = fill(paths, ':keyId', ofBoth(owner.keyIds, other.keyIds));
  if (url.includes(':agentId')) paths = fill(paths, ':agentId', ofBoth(owner.agentIds, other.agentIds));
  const foreign = [other.tenantId, ...other.keyIds, ...other.agentIds];
  return paths.filter((path) => foreign.some((id) => path.includes(id)));
}

/** The same path with ids that nobody has in place of the other's. */
function toNobody(path: string, { tenantId, keyIds, agentIds }: Inhabitant): string {
  return [tenantId, ...keyIds, ...agentIds].reduce((text, id) => text.replace(id, `${id.slice(0, -6)}000000`), path);
}

function bodyFor(method: string, path: string): object | undefined {
  if (method === 'PATCH') return { name: 'stolen' };
  if (method !== 'POST') return undefined;
  if (path.endsWith('/rotate')) return {};
  return path.endsWith('/agents') ? { name: 'stolen', model: 'stolen' } : { name: 'stolen' };
}

/** Every text that would give the inhabitant away. */
function tracesOf({ mark, tenantId, keyIds, agentIds }: Inhabitant): string[] {
  return [mark, tenantId, ...keyIds, ...agentIds];
}

/** All that is stored of a tenant, but for when its keys were used. */
async function stored({ tenantId }: Inhabitant): Promise<string> {
  const tables = ['api_keys', 'agents', 'usage_records', 'usage_rollups', 'audit_log'];
  const selects = tables.map((table) => `(SELECT json_agg(r ORDER BY r::text) FROM ${table} r WHERE tenant_id = $1)`);
  const statement = `SELECT (SELECT json_agg(t) FROM tenants t WHERE id = $1), ${selects.map((select, index) => `${select} AS s${String(index)}`).join()}`;
  const rows = await admin.dataSource.query<unknown[]>(statement, [tenantId]);
  return JSON.stringify(rows).replace(/"last_used_at":("[^"]*"|null)/g, '');
}

const routes = () =>
  admin.routes
    .filter((route) => /^(GET|POST|PATCH|PUT|DELETE) \/admin\/v1\//.test(route))
    .map((route) => route.split(' ') as [method: string, url: string]);

const send = async (method: string, path: string, key: string) => {
  const body = bodyFor(method, path);
  return admin.call(`${method} ${path.replace('/admin/v1', '')}`, { key, ...(body && { body }) });
};

/** Whatever `other` has is, to the administrator of `owner`, as if it were not there. */
async function expectUnknown(owner: Inhabitant, other: Inhabitant): Promise<void> {
  for (const [method, url] of routes().filter(([, path]) => path.includes(':'))) {
    for (const path of foreignPaths(url, owner, other)) {
      const [answer, nobody] = [
        await send(method, path, owner.secret),
        await send(method, toNobody(path, other), owner.secret),
      ];
      const forOperators = nobody.status === 403;
      expect({ method, path, status: answer.status }).toEqual({ method, path, status: forOperators ? 403 : 404 });
      expect(toNobody(JSON.stringify(answer.body), other)).toBe(JSON.stringify(nobody.body));
    }
  }
}

/** No list, and none that is asked for the other's, shows a trace of it. */
async function expectNoTrace(owner: Inhabitant, other: Inhabitant): Promise<void> {
  const queries = [
    ...['', `?after=${other.keyIds[0] ?? ''}`, `?name=${other.mark}`, `?agentId=${other.agentIds[0] ?? ''}`],
    ...[
      `?resourceId=${other.keyIds[0] ?? ''}`,
      `?actorKeyId=${other.keyIds[0] ?? ''}`,
      `?keyId=${other.keyIds[0] ?? ''}`,
    ],
    ...[`?tenantId=${other.tenantId}`, '?groupBy=tenant,key,agent,model,deployment', `?model=${other.mark}`],
  ];
  for (const [, url] of routes().filter(([method, path]) => method === 'GET' && !/:(?!tenantId|agentId)/.test(path))) {
    const path = url.replace(':tenantId', owner.tenantId).replace(':agentId', owner.agentIds[0] ?? '');
    for (const query of queries) {
      const answer = await admin.call(`GET ${path.replace('/admin/v1', '')}${query}`, { key: owner.secret });
      expect([200, 400, 403, 404]).toContain(answer.status);
      const shown = JSON.stringify(answer.body['data'] ?? '');
      for (const trace of tracesOf(other))
        expect({ url, query, shown }).not.toMatchObject({ shown: expect.stringContaining(trace) as string });
    }
  }
}

/** What the tests above ask for is there for those who may see it. */
async function expectOwn({ mark, tenantId, secret, keyIds, agentIds }: Inhabitant, usageRows: number): Promise<void> {
  const read = async (path: string) => JSON.stringify((await admin.call(`GET ${path}`, { key: secret })).body);
  expect(await read(`/tenants/${tenantId}/api-keys`)).toContain(keyIds[0]);
  expect(await read(`/tenants/${tenantId}/agents`)).toContain(agentIds[0]);
  expect(await read(`/audit-log?resourceId=${keyIds[0] ?? ''}`)).toContain(mark);
  const usage = await read('/usage?groupBy=model');
  if (usageRows > 0) expect(usage).toContain(mark);
}

describe('tenants', () => {
  it('see, list, change and guess nothing of each other', async () => {
    await fc.assert(
      fc.asyncProperty(shape, shape, async (oneShape, otherShape) => {
        const [one, other] = [await settle(oneShape), await settle(otherShape)];
        const before = [await stored(one), await stored(other)];
        for (const [owner, foreign] of [[one, other] as const, [other, one] as const]) {
          await expectUnknown(owner, foreign);
          await expectNoTrace(owner, foreign);
        }
        expect([await stored(one), await stored(other)]).toEqual(before);
        await expectOwn(one, oneShape.usageRows);
        await expectOwn(other, otherShape.usageRows);
      }),
      { numRuns: 3, endOnFailure: true },
    );
  });

  it('have no routes whose ids the test above does not know: all others are for operators', async () => {
    const known = [':agentId', ':keyId', ':tenantId'];
    const paramsOf = (url: string) => url.match(/:\w+/g) ?? [];
    const others = routes().filter(([, url]) => paramsOf(url).some((param) => !known.includes(param)));
    const { secret } = await settle({ keys: 1, agents: 1, keysOfAgent: 0, usageRows: 0 });
    for (const [method, url] of others) {
      const { status } = await send(method, url.replace(/:\w+/g, 'unknown_1'), secret);
      expect({ method, url, status }).toEqual({ method, url, status: 403 });
    }
    expect(others.filter(([, url]) => url.includes('/tenants/'))).toEqual([]);
  });
});
