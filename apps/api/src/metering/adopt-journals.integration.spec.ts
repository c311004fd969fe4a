import { Redis } from 'ioredis';
import { connectPostgres, migrate, UsageStore, type DataSource } from '@millrace/adapters/postgres';
import { newBootId } from '@millrace/platform/ids';
import { createTestDatabase, type TestDatabase } from '@millrace/testing';
import { callerOf, newJob } from '../../test/relay-under-test.js';
import { presenceKey } from '../links/presence.js';
import type { OwnedJob } from '../queueing/owned-job.js';
import { JournalAdopter } from './adopt-journals.js';
import { journalKey, JOURNALS, reportsKey } from './journal-keys.js';
import type { OrphanReport } from './orphan-report.js';
import { UsageBuffer } from './usage-buffer.js';
import { UsageJournal } from './usage-journal.js';

let database: TestDatabase;
let dataSource: DataSource;
let redis: Redis;
let clock: { nowMs: number };
let adopted: { reported: number; estimated: number };
const onAdopted = ({ reported, estimated }: typeof adopted): void => {
  adopted = { reported: adopted.reported + reported, estimated: adopted.estimated + estimated };
};

beforeAll(async () => {
  database = await createTestDatabase();
  dataSource = await connectPostgres(database.url);
  await migrate(dataSource);
  // API processes of other tests adopt what they find in theirs.
  redis = new Redis(process.env['TEST_REDIS_URL'] ?? '', { db: 9 });
});

beforeEach(async () => {
  await dataSource.query('TRUNCATE usage_records, usage_rollups');
  await redis.del(JOURNALS);
  adopted = { reported: 0, estimated: 0 };
  clock = { nowMs: Date.parse('2026-11-25T10:00Z') };
});

afterAll(async () => {
  redis.disconnect();
  await dataSource.destroy();
  await database.drop();
});

/** A process that lives until `die`, with a journal. */
async function journalingProcess() {
  const owner = newBootId();
  const journal = new UsageJournal({ redis, owner, nowMs: () => clock.nowMs });
  const live = () => redis.set(presenceKey(owner), 'somewhere');
  await live();
  journal.note();
  const begin = (requestId: string, jobs: readonly OwnedJob[]) => {
    const { call } = callerOf({ stream: true });
    journal.begin({ ...call, requestId, principal: { ...call.principal, agentId: 'agt_1' } }, jobs);
  };
  const report = (one: Partial<OrphanReport>) => {
    const usage = { promptTokens: 11, completionTokens: 7, cachedTokens: 3 };
    const told: OrphanReport = { jobId: 'ses_1', attempt: 1, finished: false, usage, heardAtMs: clock.nowMs, ...one };
    return redis.hset(reportsKey(owner), `${told.jobId}-${String(told.attempt)}`, JSON.stringify(told));
  };
  return { owner, journal, begin, report, live, die: () => redis.del(presenceKey(owner)) };
}

/** A process that looks for journals of dead ones. */
function adoptingProcess(store = new UsageStore(dataSource)) {
  return new JournalAdopter({
    redis,
    owner: newBootId(),
    store: (rows) => store.record(rows),
    onAdopted,
    nowMs: () => clock.nowMs,
    onError: (error) => {
      throw error;
    },
  });
}

/** Looks as often as a process does. */
async function lookFor(seconds: number, ...adopters: JournalAdopter[]): Promise<void> {
  for (let second = 0; second <= seconds; second += 2) {
    for (const adopter of adopters) await adopter.look();
    clock.nowMs += 2_000;
  }
}

function claimed(job: OwnedJob, tokens: number, attempt = 1): OwnedJob {
  job.firstClaimAtMs = clock.nowMs + 50;
  job.state = { phase: 'claimed', attempt, failures: 0, link: 'a', nextSeq: tokens };
  job.deliveredTokenIds = Array.from({ length: tokens }, (_, index) => index);
  return job;
}

const rows = () =>
  dataSource.query<Record<string, unknown>[]>(
    `SELECT request_id AS id, job_id AS job, agent_id AS agent, outcome, prompt_tokens AS prompt, cached_tokens AS cached,
       completion_tokens AS completion, attempts, queue_ms AS queue, finished_at AS at
     FROM usage_records ORDER BY request_id`,
  );

describe('the journal of a process that has died', () => {
  it('becomes rows with what runners report, once', async () => {
    const dead = await journalingProcess();
    dead.begin('req_1', [newJob('ses_1')]);
    dead.begin('req_2', [newJob('ses_2')]);
    await dead.die();
    await dead.report({ jobId: 'ses_1' });
    await dead.report({ jobId: 'ses_2', finished: true });
    const adopters = [adoptingProcess(), adoptingProcess()];
    await lookFor(12, ...adopters);
    const told = { agent: 'agt_1', prompt: 11, cached: 3, completion: 7, attempts: 1 };
    expect(await rows()).toMatchObject([
      { id: 'req_1', job: 'ses_1', outcome: 'failed', ...told },
      { id: 'req_2', job: 'ses_2', outcome: 'completed', ...told },
    ]);
    expect(adopted).toEqual({ reported: 2, estimated: 0 });
    await lookFor(20, ...adopters);
    expect(await redis.exists(journalKey(dead.owner), reportsKey(dead.owner))).toBe(0);
    expect(await redis.smembers(JOURNALS)).not.toContain(dead.owner);
  });

  it('is found although it was seen empty while the process had no presence yet', async () => {
    const dead = await journalingProcess();
    await dead.die();
    const adopter = adoptingProcess();
    await adopter.look();
    await dead.live();
    dead.begin('req_1', [newJob('ses_1')]);
    await dead.report({});
    await dead.die();
    await lookFor(12, adopter);
    expect(await rows()).toMatchObject([{ id: 'req_1', outcome: 'failed' }]);
  });

  it('becomes rows with what was known last when no runner reports in time', async () => {
    const dead = await journalingProcess();
    const begun = newJob('ses_1');
    Object.assign(begun, { acceptedAtMs: clock.nowMs });
    dead.begin('req_1', [begun]);
    dead.begin('req_2', [newJob('ses_2')]);
    claimed(begun, 5, 2);
    dead.journal.note();
    await dead.die();
    const adopter = adoptingProcess();
    await lookFor(28, adopter);
    expect(await rows()).toEqual([]);
    await lookFor(0, adopter);
    expect(await rows()).toMatchObject([
      { id: 'req_1', outcome: 'failed', prompt: 1, completion: 5, attempts: 2, queue: '50' },
      { id: 'req_2', outcome: 'failed', prompt: 0, completion: 0, attempts: 1 },
    ]);
    expect(adopted).toEqual({ reported: 0, estimated: 2 });
  });

  it('counts the choices of a request together, and the newest attempt of each', async () => {
    const dead = await journalingProcess();
    dead.begin('req_1', [newJob('ses_1'), newJob('ses_2')]);
    await dead.die();
    await dead.report({ jobId: 'ses_1', attempt: 1 });
    await dead.report({
      jobId: 'ses_1',
      attempt: 2,
      usage: { promptTokens: 11, completionTokens: 9, cachedTokens: 3 },
    });
    await dead.report({ jobId: 'ses_2', finished: true });
    await lookFor(10, adoptingProcess());
    expect(await rows()).toMatchObject([{ outcome: 'failed', prompt: 11, cached: 3, completion: 16, attempts: 2 }]);
  });

  it('takes no word of an attempt that had been given up', async () => {
    const dead = await journalingProcess();
    const begun = claimed(newJob('ses_1'), 4, 2);
    dead.begin('req_1', [begun]);
    await dead.die();
    await dead.report({ jobId: 'ses_1', attempt: 1 });
    const adopter = adoptingProcess();
    await lookFor(10, adopter);
    expect(await rows()).toEqual([]);
    await dead.report({ jobId: 'ses_1', attempt: 2, usage: { promptTokens: 2, completionTokens: 6, cachedTokens: 0 } });
    await lookFor(0, adopter);
    expect(await rows()).toMatchObject([{ prompt: 2, completion: 6, attempts: 2 }]);
  });

  it('is adopted by another process when the one that has taken it over dies as well', async () => {
    const dead = await journalingProcess();
    dead.begin('req_1', [newJob('ses_1')]);
    await dead.die();
    await dead.report({});
    await adoptingProcess().look();
    const heir = adoptingProcess();
    await lookFor(10, heir);
    expect(await rows()).toEqual([]);
    await redis.del(`mr:usage:adopter:${dead.owner}`);
    await lookFor(10, heir);
    expect(await rows()).toHaveLength(1);
  });

  it('waits for Postgres, and leaves what was written before the crash as it is', async () => {
    const dead = await journalingProcess();
    dead.begin('req_1', [newJob('ses_1')]);
    const written = { requestId: 'req_1', jobId: 'ses_1', tenantId: 'ten_1', keyId: 'key_1', model: 'm' };
    const counts = { promptTokens: 1, cachedTokens: 0, completionTokens: 2, reasoningTokens: 0, attempts: 1 };
    const times = { queueMs: 0, totalMs: 1, finishedAtMs: clock.nowMs };
    await new UsageStore(dataSource).record([
      { ...written, deploymentId: 'dep_1', ...counts, ...times, outcome: 'completed' },
    ]);
    await dead.die();
    const postgres = { isAway: true };
    const store = new UsageStore(dataSource);
    const adopter = adoptingProcess({
      record: (batch) => (postgres.isAway ? Promise.reject(new Error('Postgres is away')) : store.record(batch)),
    } as UsageStore);
    await expect(lookFor(40, adopter)).rejects.toThrow('Postgres is away');
    postgres.isAway = false;
    await lookFor(2, adopter);
    expect(await rows()).toMatchObject([{ outcome: 'completed', completion: 2 }]);
    expect(await redis.exists(journalKey(dead.owner))).toBe(0);
  });

  it('does not hold up the rest with an entry that cannot be read', async () => {
    const dead = await journalingProcess();
    dead.begin('req_1', [newJob('ses_1')]);
    await redis.hset(journalKey(dead.owner), 'req_0', '{"requestId":"req_0"}');
    await dead.die();
    await dead.report({});
    const told: string[] = [];
    const adopter = new JournalAdopter({
      redis,
      owner: newBootId(),
      store: (batch) => new UsageStore(dataSource).record(batch),
      onAdopted,
      nowMs: () => clock.nowMs,
      onError: (_, what) => told.push(what),
    });
    await lookFor(12, adopter);
    expect(await rows()).toMatchObject([{ id: 'req_1' }]);
    expect(told).toEqual([`read req_0 of ${journalKey(dead.owner)}, which is dropped`]);
  });
});

describe('the journal of a process that lives', () => {
  it('is left alone, also when its presence was gone for a moment', async () => {
    const living = await journalingProcess();
    living.begin('req_1', [newJob('ses_1')]);
    await living.report({});
    const adopter = adoptingProcess();
    await lookFor(40, adopter);
    await living.die();
    await lookFor(8, adopter);
    await living.live();
    await lookFor(0, adopter);
    await living.die();
    await lookFor(8, adopter);
    expect(await rows()).toEqual([]);
  });

  it('has nothing of a request whose row is safe, and moves it into the buffer in one step', async () => {
    const living = await journalingProcess();
    const key = journalKey(living.owner);
    for (const id of ['req_1', 'req_2', 'req_3']) living.begin(id, [newJob('ses_1')]);
    living.journal.end(['req_1']);
    expect((await redis.hkeys(key)).toSorted()).toEqual(['req_2', 'req_3']);
    const buffer = new UsageBuffer({ redis, owner: living.owner, onError: () => undefined });
    await buffer.append([{ requestId: 'req_2' } as never]);
    expect(await redis.hkeys(key)).toEqual(['req_3']);
    await redis.del('mr:usage');
  });

  it('is whole again after Redis has lost it', async () => {
    const living = await journalingProcess();
    living.begin('req_1', [newJob('ses_1')]);
    living.begin('req_2', [newJob('ses_2')]);
    await redis.del(journalKey(living.owner), JOURNALS);
    living.journal.end(['req_2']);
    living.journal.rewrite();
    expect(await redis.hkeys(journalKey(living.owner))).toEqual(['req_1']);
    expect(await redis.smembers(JOURNALS)).toContain(living.owner);
  });

  it('holds ids and numbers only, no word of a prompt', async () => {
    const living = await journalingProcess();
    const job = newJob('ses_1');
    job.spec.payload.messages.push({ role: 'user', content: 'a secret', name: '', toolCallId: '', toolCalls: [] });
    living.begin('req_1', [claimed(job, 2)]);
    const text = await redis.hget(journalKey(living.owner), 'req_1');
    expect(Object.keys(JSON.parse(text ?? '{}') as object).toSorted()).toEqual([
      'acceptedAtMs',
      'agentId',
      'deploymentId',
      'jobIds',
      'keyId',
      'model',
      'notedAtMs',
      'progress',
      'promptTokensEstimate',
      'requestId',
      'tenantId',
    ]);
    expect(text).not.toContain('secret');
  });
});
