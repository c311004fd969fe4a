import { startFakeServer, type FakeServer } from '../../../test/fake-server.js';
import { clientOf } from '../../../test/run-client.js';

const counts = { requests: 1_000, promptTokens: 20, cachedTokens: 4, completionTokens: 30, totalTokens: 50 };
const row = (day: string, changes: object = {}) => ({
  ...{ tenantId: 'ten_1', start: `2026-11-${day}T00:00:00.000Z`, ...counts },
  ...changes,
});
const USAGE = 'GET /admin/v1/usage';

let server: FakeServer;
beforeEach(async () => {
  server = await startFakeServer();
  server.replies[USAGE] = { json: { object: 'list', data: [row('24'), row('25')], hasMore: false } };
});
afterEach(() => server.stop());

const run = clientOf(() => server, 'mr-operator-x');
const asked = () => server.heard.map(({ url }) => new URL(url, server.url).search);

describe('usage', () => {
  it('is a table by day and tenant, with a sum below it', async () => {
    expect(await run('usage')).toMatchObject({
      status: 0,
      output:
        'DAY (UTC)   TENANT  REQUESTS  PROMPT  CACHED  COMPLETION  TOTAL\n' +
        '2026-11-24  ten_1      1,000      20       4          30     50\n' +
        '2026-11-25  ten_1      1,000      20       4          30     50\n' +
        'in all      -          2,000      40       8          60    100\n',
    });
    expect(asked()).toEqual(['?groupBy=tenant&interval=day']);
  });

  it('can be told apart by several things, within a time, of some only', async () => {
    const data = [row('25', { agentId: null, model: 'tiny' })];
    server.replies[USAGE] = { json: { object: 'list', data, hasMore: false } };
    const words =
      'usage --group-by model,agent --interval hour --from 2026-11-25 --to 2026-11-26T10:00:00Z --tenant ten_1 ' +
      '--api-key key_1 --agent agt_1 --model tiny --deployment dep_1';
    expect((await run(words)).output).toBe(
      'HOUR (UTC)        AGENT  MODEL  REQUESTS  PROMPT  CACHED  COMPLETION  TOTAL\n' +
        '2026-11-25 00:00  -      tiny      1,000      20       4          30     50\n',
    );
    expect(Object.fromEntries(new URL(server.heard[0]?.url ?? '', server.url).searchParams)).toEqual({
      ...{ groupBy: 'model,agent', interval: 'hour', tenantId: 'ten_1', keyId: 'key_1', agentId: 'agt_1' },
      ...{ from: '2026-11-25T00:00:00.000Z', to: '2026-11-26T10:00:00.000Z', model: 'tiny', deploymentId: 'dep_1' },
    });
  });

  it('is read on where the server says, and has no sum while rows are missing', async () => {
    const parts = [
      { json: { object: 'list', data: [row('24'), row('24')], hasMore: true, next: 'place-1' } },
      { json: { object: 'list', data: [row('25')], hasMore: false } },
    ];
    server.replies[USAGE] = parts.slice(0, 1);
    const part = await run('usage');
    expect(part.output).not.toContain('in all');
    expect(part.notes).toContain('There are more: --all shows them');
    server.replies[USAGE] = parts.slice();
    const all = await run('usage --all');
    expect(all.output).toMatch(/^in all +- +3,000 /m);
    expect(asked().slice(1)).toEqual([
      '?groupBy=tenant&interval=day&limit=10000',
      '?groupBy=tenant&interval=day&limit=10000&after=place-1',
    ]);
  });

  it('is what the server writes as CSV', async () => {
    const text = 'start,requests\r\n2026-11-25T00:00:00.000Z,1\r\n';
    server.replies[USAGE] = { text, headers: { 'content-type': 'text/csv' } };
    expect(await run('usage --csv')).toMatchObject({ status: 0, output: text });
    expect(server.heard[0]?.headers.accept).toBe('text/csv');
    expect(await run('usage --csv --json')).toMatchObject({ status: 2 });
  });

  it.each(['user', '', 'tenant,,key'])('is not told apart by %j', async (names) => {
    expect(await run(`usage --group-by=${names}`)).toMatchObject({ status: 2 });
    expect(server.heard).toEqual([]);
  });
});
