import { createTestDatabase, type TestDatabase } from '@millrace/testing';
import fc from 'fast-check';
import type { DataSource } from 'typeorm';
import { connectPostgres } from './data-source.js';
import { migrate } from './migrate.js';
import { Tenancy1795968000000 } from './migrations/1795968000000-tenancy.js';
import { migrations } from './migrations/migrations.js';
import { UsageStore, type UsageRecord } from './usage-store.js';

const row: UsageRecord = {
  requestId: 'req_1',
  jobId: 'ses_1',
  tenantId: 'ten_1',
  keyId: 'key_1',
  model: 'millrace-tiny',
  deploymentId: 'dep_1',
  promptTokens: 10,
  cachedTokens: 4,
  completionTokens: 5,
  reasoningTokens: 0,
  queueMs: 1.6,
  firstTokenMs: 20,
  totalMs: 40,
  attempts: 1,
  outcome: 'completed',
  finishedAtMs: 1_795_430_400_123,
};

let database: TestDatabase;
let dataSource: DataSource;
let usage: UsageStore;

beforeAll(async () => {
  database = await createTestDatabase();
  dataSource = await connectPostgres(database.url);
  await migrate(dataSource);
  usage = new UsageStore(dataSource);
});

beforeEach(async () => {
  await dataSource.query('TRUNCATE usage_records, usage_rollups');
});

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

const SUMS = `count(*)::int AS requests, sum(prompt_tokens)::int AS prompt, sum(cached_tokens)::int AS cached,
  sum(completion_tokens)::int AS completion, sum(reasoning_tokens)::int AS reasoning`;

describe('UsageStore', () => {
  it('records a request once however often it is told', async () => {
    const { firstTokenMs: _none, ...withoutToken } = row;
    await usage.record([row, { ...withoutToken, requestId: 'req_2', agentId: 'agt_1', outcome: 'expired' }]);
    await usage.record([{ ...row, totalMs: 99 }]);
    await usage.record([]);
    const rows = await dataSource.query<unknown[]>(
      'SELECT request_id, agent_id, queue_ms, first_token_ms, total_ms, finished_at FROM usage_records ORDER BY 1',
    );
    const common = { queue_ms: '2', total_ms: '40', finished_at: new Date(row.finishedAtMs) };
    expect(rows).toEqual([
      { request_id: 'req_1', agent_id: null, first_token_ms: '20', ...common },
      { request_id: 'req_2', agent_id: 'agt_1', first_token_ms: null, ...common },
    ]);
  });

  it('adds up what each hour and each day of UTC has used', async () => {
    const atMs = Date.parse('2026-11-25T23:59:59.999Z');
    await usage.record([
      { ...row, finishedAtMs: atMs },
      { ...row, requestId: 'req_2', finishedAtMs: atMs },
      { ...row, requestId: 'req_3', finishedAtMs: atMs + 1 },
    ]);
    const rows = await dataSource.query<unknown[]>(
      'SELECT granularity, start_at, requests, completion_tokens AS tokens FROM usage_rollups ORDER BY 1, 2',
    );
    expect(rows).toEqual([
      { granularity: 'day', start_at: new Date('2026-11-25'), requests: '2', tokens: '10' },
      { granularity: 'day', start_at: new Date('2026-11-26'), requests: '1', tokens: '5' },
      { granularity: 'hour', start_at: new Date('2026-11-25T23:00Z'), requests: '2', tokens: '10' },
      { granularity: 'hour', start_at: new Date('2026-11-26T00:00Z'), requests: '1', tokens: '5' },
    ]);
  });

  it('keeps the roll-ups equal to the sums of the rows, whoever writes the same ones in whatever order', async () => {
    const some = fc.record({
      requestId: fc.integer({ min: 1, max: 40 }).map((id) => `req_${String(id)}`),
      tenantId: fc.constantFrom('ten_1', 'ten_2'),
      keyId: fc.constantFrom('key_1', 'key_2'),
      agentId: fc.constantFrom('agt_1', 'agt_2'),
      promptTokens: fc.nat(1_000),
      completionTokens: fc.nat(1_000),
      finishedAtMs: fc.nat(3 * 86_400_000).map((later) => row.finishedAtMs + later),
    });
    const writes = fc.array(fc.array(some, { minLength: 1, maxLength: 20 }), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(writes, async (batches) => {
        await dataSource.query('TRUNCATE usage_records, usage_rollups');
        await Promise.all(batches.map((batch) => usage.record(batch.map((one) => ({ ...row, ...one })))));
        for (const granularity of ['hour', 'day']) {
          const keys = 'tenant_id, key_id, agent_id, model, deployment_id';
          const fromRows = await dataSource.query<unknown[]>(
            `SELECT date_trunc('${granularity}', finished_at, 'UTC') AS start_at, ${keys}, ${SUMS}
             FROM usage_records GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6`,
          );
          const rollUps = await dataSource.query<unknown[]>(
            `SELECT start_at, ${keys}, ${SUMS.replace('count(*)', 'sum(requests)')} FROM usage_rollups
             WHERE granularity = '${granularity}' GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2, 3, 4, 5, 6`,
          );
          expect(rollUps).toEqual(fromRows);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('makes one row of those that an older version wrote for each choice of a call', async () => {
    const older = await createTestDatabase();
    const other = await connectPostgres(older.url);
    await migrate(other);
    for (const _ of migrations.slice(migrations.indexOf(Tenancy1795968000000))) await other.undoLastMigration();
    await other.query(
      `INSERT INTO usage_records VALUES
         ('ses_1', 'req_1', 't', 'k', 'm', 'd', 10, 4, 5, 0, 5, 20, 40, 1, 'completed', '2026-11-25T10:00Z'),
         ('ses_2', 'req_1', 't', 'k', 'm', 'd', 0, 0, 7, 0, 5, 20, 40, 1, 'cancelled', '2026-11-25T10:00Z'),
         ('ses_3', 'req_2', 't', 'k', 'm', 'd', 1, 0, 1, 0, 5, 20, 40, 1, 'completed', '2026-11-25T10:00Z')`,
    );
    await migrate(other);
    const rows = await other.query<unknown[]>(
      'SELECT request_id, outcome, prompt_tokens AS prompt, completion_tokens AS completion FROM usage_records ORDER BY 1',
    );
    expect(rows).toEqual([
      { request_id: 'req_1', outcome: 'cancelled', prompt: 10, completion: 12 },
      { request_id: 'req_2', outcome: 'completed', prompt: 1, completion: 1 },
    ]);
    const days = await other.query<unknown[]>(
      `SELECT requests, prompt_tokens AS prompt, completion_tokens AS completion FROM usage_rollups
       WHERE granularity = 'day'`,
    );
    expect(days).toEqual([{ requests: '2', prompt: '11', completion: '13' }]);
    await other.destroy();
    await older.drop();
  });
});
