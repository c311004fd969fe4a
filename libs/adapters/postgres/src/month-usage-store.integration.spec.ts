import { createTestDatabase, type TestDatabase } from '@millrace/testing';
import type { DataSource } from 'typeorm';
import { connectPostgres } from './data-source.js';
import { migrate } from './migrate.js';
import { MonthUsageStore } from './month-usage-store.js';
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
  reasoningTokens: 2,
  queueMs: 1,
  totalMs: 40,
  attempts: 1,
  outcome: 'completed',
  finishedAtMs: Date.parse('2026-11-25T12:00:00Z'),
};

const november = { startMs: Date.parse('2026-11-01T00:00:00Z'), endMs: Date.parse('2026-12-01T00:00:00Z') };

let database: TestDatabase;
let dataSource: DataSource;
let months: MonthUsageStore;

beforeAll(async () => {
  database = await createTestDatabase();
  dataSource = await connectPostgres(database.url);
  await migrate(dataSource);
  months = new MonthUsageStore(dataSource);
  const others: Partial<UsageRecord>[] = [
    { keyId: 'key_2' },
    { agentId: 'agt_1', finishedAtMs: november.startMs },
    { finishedAtMs: november.endMs - 1 },
    { finishedAtMs: november.startMs - 1 },
    { finishedAtMs: november.endMs },
    { tenantId: 'ten_2' },
  ];
  await new UsageStore(dataSource).record([
    row,
    ...others.map((other, index) => ({ ...row, ...other, requestId: `req_${String(index + 2)}` })),
  ]);
});

afterAll(async () => {
  await dataSource.destroy();
  await database.drop();
});

describe('what was used in a month', () => {
  it('is the tokens of prompts and answers of the tenant, and of one key, from its first instant to its last', async () => {
    expect(await months.tokensBetween('ten_1', 'key_1', november)).toEqual({ tenant: 60, key: 45 });
  });

  it('is nothing where there is no usage', async () => {
    expect(await months.tokensBetween('ten_3', 'key_9', november)).toEqual({ tenant: 0, key: 0 });
  });
});
