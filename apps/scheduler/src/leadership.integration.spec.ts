import { PlanStore, SchedulerLeaseStore } from '@millrace/adapters/postgres';
import { createLogger } from '@millrace/platform/observability';
import { Leadership } from './leadership.js';
import { emptyPlan, openBench, settle, SimulatedRunner, type Bench } from '../test/scheduler-bench.js';

const logger = createLogger('test', 'fatal');
let bench: Bench;

beforeEach(async () => {
  bench = await openBench();
});

afterEach(() => bench.close());

/** As if the leader had not renewed for as long as a term lasts. */
const letTermEnd = () => bench.rows(`UPDATE scheduler_lease SET expires_at = clock_timestamp()`);

describe('the lease', () => {
  it('has one holder, and each term a higher epoch', async () => {
    const [first, second] = [bench.newScheduler().scheduler, bench.newScheduler().scheduler];
    await Promise.all([first.leadership.beat(), second.leadership.beat()]);
    const epochs = [first.leadership.currentEpoch(), second.leadership.currentEpoch()];
    expect(epochs.filter((epoch) => epoch !== undefined)).toEqual([1]);
    await first.leadership.stop();
    await second.leadership.stop();
    const third = bench.newScheduler().scheduler;
    await third.leadership.beat();
    expect(third.leadership.currentEpoch()).toBe(2);
  });

  it('is given up by the own clock, without asking the database', async () => {
    let nowMs = 0;
    const lease = new SchedulerLeaseStore(bench.dataSource);
    const leader = new Leadership({ lease, holder: 'a', logger, onTerm: () => undefined, monotonicMs: () => nowMs });
    await leader.beat();
    nowMs = 2_999;
    expect(leader.currentEpoch()).toBe(1);
    nowMs = 3_000;
    expect(leader.currentEpoch()).toBeUndefined();
  });

  it('lets a renewed term live on', async () => {
    let nowMs = 0;
    const lease = new SchedulerLeaseStore(bench.dataSource);
    const leader = new Leadership({ lease, holder: 'a', logger, onTerm: () => undefined, monotonicMs: () => nowMs });
    await leader.beat();
    nowMs = 2_000;
    await leader.beat();
    nowMs = 4_900;
    expect(leader.currentEpoch()).toBe(1);
  });
});

describe('the fence', () => {
  it('lets nothing of a paused leader through once its successor has planned', async () => {
    const deploymentId = await bench.deployModel('tiny');
    const [old, next] = [bench.newScheduler(), bench.newScheduler()];
    await old.scheduler.leadership.beat();
    await letTermEnd();
    await next.scheduler.leadership.beat();
    const runner = new SimulatedRunner(await bench.joinRunner('node-a'), next);
    await runner.connect();
    await runner.report();
    await settle(next);
    await runner.answerEstimates(1);
    await settle(next);
    const before = await bench.rows('SELECT replica_id, epoch FROM assignments');
    expect(before).toMatchObject([{ epoch: '2' }]);

    // The old leader still believes in its term, and plans to stop everything.
    expect(old.scheduler.leadership.currentEpoch()).toBe(1);
    await bench.rows('UPDATE deployments SET paused = true WHERE id = $1', [deploymentId]);
    expect(await old.scheduler.pass()).toBe(false);
    expect(await bench.rows('SELECT replica_id, epoch FROM assignments')).toEqual(before);
    expect(old.scheduler.leadership.currentEpoch()).toBeUndefined();
  });

  it('makes a take-over wait for an apply that is under way, and ends one that stalls', async () => {
    const lease = new SchedulerLeaseStore(bench.dataSource);
    await lease.acquire('old', 3_000);
    const stalled = bench.dataSource.createQueryRunner();
    await stalled.startTransaction();
    await stalled.query(`SET LOCAL idle_in_transaction_session_timeout = '300ms'`);
    await stalled.query('SELECT 1 FROM scheduler_lease WHERE epoch = 1 FOR KEY SHARE');
    await letTermEnd();
    expect(await lease.acquire('next', 3_000)).toMatchObject({ epoch: 2 });
    await expect(stalled.query('SELECT 1')).rejects.toThrow();
    await stalled.release();
    expect(await new PlanStore(bench.dataSource).apply(1, { plan: emptyPlan, decisions: [], newWishes: [] })).toEqual({
      outcome: 'fenced',
    });
  });

  it('lets renewals pass while an apply holds the term', async () => {
    const lease = new SchedulerLeaseStore(bench.dataSource);
    const term = await lease.acquire('old', 3_000);
    const applying = bench.dataSource.createQueryRunner();
    await applying.startTransaction();
    await applying.query('SELECT 1 FROM scheduler_lease WHERE epoch = 1 FOR KEY SHARE');
    expect(term && (await lease.renew(term, 3_000))).toBe(true);
    await applying.commitTransaction();
    await applying.release();
  });
});

describe('a take-over', () => {
  it('begins less than 5 s after the leader died', async () => {
    await bench.newScheduler().scheduler.leadership.beat();
    const diedAtMs = performance.now();
    let onTerm: () => void = () => undefined;
    const tookOver = new Promise<number>((resolve) => (onTerm = () => resolve(performance.now())));
    const lease = new SchedulerLeaseStore(bench.dataSource);
    const next = new Leadership({ lease, holder: 'b', logger, onTerm: () => onTerm() });
    await next.start();
    expect((await tookOver) - diedAtMs).toBeLessThan(5_000);
    await next.stop();
  });
});
