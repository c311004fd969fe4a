import fc from 'fast-check';
import { UsageStore, type UsageRecord } from '@millrace/adapters/postgres';
import { startAdminApi, type AdminUnderTest, type Json } from '../../test/admin-under-test.js';
import { expectDocumented } from '../../test/documented-answers.js';

let admin: AdminUnderTest;
let usage: UsageStore;
let tenantAdmin: string;
beforeAll(async () => {
  admin = await startAdminApi();
  usage = new UsageStore(admin.dataSource);
  const { body } = await admin.call('POST /tenants', { body: { name: 'acme' } });
  own = String(body['id']);
  tenantAdmin = (await admin.seedKey(own, 'tenant-admin')).secret;
});
beforeEach(async () => {
  await admin.dataSource.query('TRUNCATE usage_records, usage_rollups');
  requests = 0;
});
afterAll(() => admin.stop());

let own = '';
let requests = 0;

/** A row as a request leaves it behind. */
function row(changes: Partial<UsageRecord> = {}, at = '2026-11-25T10:30:00Z'): UsageRecord {
  requests += 1;
  return {
    ...{ requestId: `req_${String(requests)}`, jobId: `ses_${String(requests)}`, tenantId: own, keyId: 'key_1' },
    ...{ model: 'tiny', deploymentId: 'dep_1', outcome: 'completed' },
    ...{ promptTokens: 10, cachedTokens: 4, completionTokens: 5, reasoningTokens: 2 },
    ...{ attempts: 1, queueMs: 1, totalMs: 2, finishedAtMs: Date.parse(at) },
    ...changes,
  };
}

const DAY = 'from=2026-11-25&to=2026-11-26';
const read = (query: string, key?: string) => admin.call(`GET /usage?${query}`, key === undefined ? {} : { key });
const dataOf = async (query: string, key?: string) => (await read(query, key)).body['data'] as Json[];

async function readCsv(query: string, headers: Record<string, string> = {}): Promise<Response> {
  const baseUrl = admin.baseUrls[0] ?? '';
  const authorization = `Bearer ${admin.operatorKey}`;
  const response = await fetch(`${baseUrl}/admin/v1/usage?${query}`, { headers: { authorization, ...headers } });
  await expectDocumented(baseUrl, 'GET', response);
  return response;
}

const one = {
  requests: 1,
  promptTokens: 10,
  cachedTokens: 4,
  completionTokens: 5,
  reasoningTokens: 2,
  totalTokens: 15,
};

describe('GET /admin/v1/usage', () => {
  it('sums up by day, and tells nothing apart when that is not asked for', async () => {
    await usage.record([row(), row({ tenantId: 'ten_other' }), row({}, '2026-11-26T00:00:00Z')]);
    expect((await read('from=2026-11-25&to=2026-11-27')).body).toEqual({
      object: 'list',
      data: [
        {
          ...{ start: '2026-11-25T00:00:00.000Z', requests: 2, promptTokens: 20, cachedTokens: 8 },
          ...{ completionTokens: 10, reasoningTokens: 4, totalTokens: 30 },
        },
        { start: '2026-11-26T00:00:00.000Z', ...one },
      ],
      hasMore: false,
    });
  });

  it('sums up by hour, told apart by everything that groupBy names and nothing else', async () => {
    await usage.record([
      row({ agentId: 'agt_1' }),
      row({ keyId: 'key_2' }),
      row({ keyId: 'key_2', model: 'large', deploymentId: 'dep_2' }, '2026-11-25T11:00:00Z'),
    ]);
    const first = { start: '2026-11-25T10:00:00.000Z', ...one };
    const second = { start: '2026-11-25T11:00:00.000Z', ...one };
    expect(await dataOf(`interval=hour&groupBy=agent,key&${DAY}`)).toEqual([
      { keyId: 'key_1', agentId: 'agt_1', ...first },
      { keyId: 'key_2', agentId: null, ...first },
      { keyId: 'key_2', agentId: null, ...second },
    ]);
    expect(await dataOf(`interval=hour&groupBy=tenant,model,deployment&${DAY}`)).toMatchObject([
      { tenantId: own, model: 'tiny', deploymentId: 'dep_1', requests: 2 },
      { tenantId: own, model: 'large', deploymentId: 'dep_2', requests: 1 },
    ]);
  });

  it('has the time until now when none is asked for', async () => {
    await usage.record([row({}, new Date().toISOString()), row({}, '2020-01-01T00:00:00Z')]);
    for (const interval of ['hour', 'day']) expect(await dataOf(`interval=${interval}`)).toMatchObject([one]);
  });

  it.each([
    ['tenantId', { tenantId: 'ten_2' }],
    ['keyId', { keyId: 'key_2' }],
    ['agentId', { agentId: 'agt_2' }],
    ['model', { model: "o'brien/8b:q4" }],
    ['deploymentId', { deploymentId: 'dep_2' }],
  ])('can be of one %s only', async (field, changes) => {
    await usage.record([row(), row(changes)]);
    const value = encodeURIComponent(Object.values(changes)[0] ?? '');
    expect(await dataOf(`${field}=${value}&${DAY}`)).toMatchObject([{ requests: 1 }]);
    expect(await dataOf(`${field}=unknown&${DAY}`)).toEqual([]);
  });

  it('shows the administrator of a tenant its own tenant and no other', async () => {
    await usage.record([row(), row({ tenantId: 'ten_other', keyId: 'key_other' })]);
    expect(await dataOf(`groupBy=tenant&${DAY}`, tenantAdmin)).toEqual([
      { tenantId: own, start: '2026-11-25T00:00:00.000Z', ...one },
    ]);
    expect(await dataOf(`keyId=key_other&${DAY}`, tenantAdmin)).toEqual([]);
    expect(await dataOf(`tenantId=${own}&${DAY}`, tenantAdmin)).toHaveLength(1);
    for (const other of ['ten_other', 'ten_nobody']) {
      const refused = await read(`tenantId=${other}&${DAY}`, tenantAdmin);
      expect(refused).toMatchObject({ status: 404, body: { error: { code: 'resource_not_found' } } });
    }
    expect(await dataOf(`groupBy=tenant&${DAY}`)).toHaveLength(2);
  });

  it('comes in parts that together are the whole, whatever is told apart', async () => {
    const groups = ['tenant', 'key', 'agent', 'model', 'deployment'];
    const some = fc.record({
      tenantId: fc.constantFrom('ten_1', 'ten_2'),
      keyId: fc.constantFrom('key_1', 'key_2'),
      agentId: fc.constantFrom('agt_1', 'agt_2'),
      model: fc.constantFrom('a', 'B', 'ä', '=1'),
      finishedAtMs: fc.nat(2 * 86_400_000 - 1).map((later) => Date.parse('2026-11-25') + later),
    });
    const wish = fc.record({ groupBy: fc.subarray(groups, { minLength: 1 }), limit: fc.integer({ min: 1, max: 7 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(some, { maxLength: 30 }), wish, async (changes, { groupBy, limit }) => {
        await admin.dataSource.query('TRUNCATE usage_records, usage_rollups');
        await usage.record(changes.map((change) => row(change)));
        const query = `from=2026-11-25&to=2026-11-27&interval=hour&groupBy=${groupBy.join(',')}`;
        const whole = await dataOf(query);
        expect(whole.reduce((sum, { requests: count }) => sum + Number(count), 0)).toBe(changes.length);
        const parts: Json[] = [];
        let after = '';
        for (let hasMore = true; hasMore;) {
          const { body } = await read(`${query}&limit=${String(limit)}${after}`);
          parts.push(...(body['data'] as Json[]));
          hasMore = body['hasMore'] === true;
          after = `&after=${String(body['next'])}`;
        }
        expect(parts).toEqual(whole);
      }),
      { numRuns: 20 },
    );
  });

  it.each([
    ['groupBy=', 'groupBy'],
    ['groupBy=user', 'groupBy'],
    ['groupBy=key,key', 'groupBy'],
    ['groupBy=key&groupBy=agent', 'groupBy'],
    ['interval=week', 'interval'],
    ['from=yesterday', 'from'],
    ['from=2026-02-30', 'from'],
    ['from=2026-11-25T10:00:00+01:00', 'from'],
    ['to=2026-11-25T10:00', 'to'],
    ['from=2026-11-25&to=2026-11-25', 'to'],
    ['from=2025-01-01&to=2026-11-25', 'from'],
    ['interval=hour&from=2026-10-01&to=2026-11-25', 'from'],
    ['from=2999-01-01', 'from'],
    ['keyId=', 'keyId'],
    ['model=%00', 'model'],
    ['format=xml', 'format'],
    ['limit=0', 'limit'],
    ['limit=10001', 'limit'],
    ['format=csv&limit=5', 'limit'],
    ['after=!', 'after'],
    ['after=W10', 'after'],
    [`after=${Buffer.from('["9999999999999999"]').toString('base64url')}`, 'after'],
    [`after=${Buffer.from('["-999999999999999"]').toString('base64url')}`, 'after'],
    [`after=${Buffer.from('["0"]').toString('base64url')}&groupBy=key`, 'after'],
    [`after=${Buffer.from('["0","\\u0000"]').toString('base64url')}&groupBy=key`, 'after'],
    ['group_by=key', 'group_by'],
  ])('refuses ?%s and names the parameter', async (query, param) => {
    const { status, body } = await read(query);
    expect(status).toBe(400);
    expect(body['error']).toMatchObject({ type: 'invalid_request_error', code: 'invalid_query_parameter', param });
  });
});

describe('usage as CSV', () => {
  it('has a line for each row and one with the names of its columns', async () => {
    await usage.record([row({ agentId: 'agt_1' }), row()]);
    const response = await readCsv(`groupBy=key,agent&${DAY}`, { accept: 'text/csv' });
    expect(response.headers.get('content-type')).toMatch(/^text\/csv; charset=utf-8/);
    expect(await response.text()).toBe(
      'keyId,agentId,start,requests,promptTokens,cachedTokens,completionTokens,reasoningTokens,totalTokens\r\n' +
        'key_1,,2026-11-25T00:00:00.000Z,1,10,4,5,2,15\r\n' +
        'key_1,agt_1,2026-11-25T00:00:00.000Z,1,10,4,5,2,15\r\n',
    );
  });

  it('is what format says, whatever the caller accepts', async () => {
    const csv = await readCsv(`format=csv&${DAY}`, { accept: 'application/json' });
    expect(await csv.text()).toBe(
      'start,requests,promptTokens,cachedTokens,completionTokens,reasoningTokens,totalTokens\r\n',
    );
    const json = await readCsv(`format=json&${DAY}`, { accept: 'text/csv' });
    expect(await json.json()).toEqual({ object: 'list', data: [], hasMore: false });
  });

  it('holds nothing that a spreadsheet would run, and quotes what needs it', async () => {
    await usage.record([row({ model: '=HYPERLINK("http://x")' }), row({ model: 'a,b' })]);
    const lines = (await (await readCsv(`format=csv&groupBy=model&${DAY}`)).text()).split('\r\n');
    expect(lines.slice(1, 3).toSorted()).toEqual([
      `"'=HYPERLINK(""http://x"")",2026-11-25T00:00:00.000Z,1,10,4,5,2,15`,
      '"a,b",2026-11-25T00:00:00.000Z,1,10,4,5,2,15',
    ]);
  });

  it('has all rows, however many', async () => {
    const many = Array.from({ length: 12_345 }, (_, index) => row({ keyId: `key_${String(index)}` }));
    await usage.record(many);
    const lines = (await (await readCsv(`format=csv&groupBy=key&${DAY}`)).text()).trimEnd().split('\r\n');
    expect(new Set(lines.slice(1).map((line) => line.split(',')[0])).size).toBe(12_345);
    expect(lines).toHaveLength(12_346);
  });

  it('refuses in JSON what it cannot answer', async () => {
    const response = await readCsv('format=csv&interval=week');
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { param: 'interval' } });
    const parts = await readCsv('limit=5', { accept: 'text/csv' });
    expect(await parts.json()).toMatchObject({ error: { param: 'limit' } });
  });
});
