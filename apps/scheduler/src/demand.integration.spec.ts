import type { DemandReport } from '@millrace/contracts/job-contract';
import { ReplicaState, type ReplicaObservation } from '@millrace/contracts/runner-protocol';
import { GIBIBYTE, openBench, settle, SimulatedRunner, type Bench } from '../test/scheduler-bench.js';

let bench: Bench;

beforeEach(async () => {
  bench = await openBench();
});

afterEach(() => bench.close());

const nothing = { waitingJobs: 0, waitingTokens: 0, oldestWaitMs: 0, arrivalsPerSecond: 0, arrivalTokensPerSecond: 0 };

/** A leading scheduler, one runner of 16 GiB, and on-demand models whose dry runs say how large they are. */
async function fleetOf(sizes: Record<string, number>) {
  const party = bench.newScheduler();
  const runner = new SimulatedRunner(await bench.joinRunner('node-a'), party);
  await runner.connect();
  await runner.report();
  await party.scheduler.leadership.beat();
  const ids = new Map<string, string>();
  for (const [name, gibibytes] of Object.entries(sizes)) {
    const deploymentId = await bench.deployModel(name);
    ids.set(name, deploymentId);
    await bench.rows('UPDATE deployments SET min_replicas = 0, max_replicas = 3 WHERE id = $1', [deploymentId]);
    await settle(party);
    await runner.answerEstimates(gibibytes * GIBIBYTE);
  }
  await settle(party);
  const id = (name: string) => ids.get(name) ?? '';
  return {
    ...{ party, runner, id },
    /** What one API process says of its queues; what is not named does not wait. */
    queues: async (waiting: Record<string, Partial<DemandReport['queues'][number]>>) => {
      const queues = Object.entries(waiting).map(([name, part]) => ({
        ...{ deploymentId: id(name), ...nothing, answers: 0, slotTokensPerSecond: 0 },
        ...part,
      }));
      party.scheduler.demand.hear({ owner: 'api', queues });
      await settle(party);
    },
    /** The runner has done what it was told; all replicas have served for long and been idle since. */
    settleRunner: async (parts: Partial<ReplicaObservation> = {}) => {
      await runner.report(runner.replicaIds().map((replicaId) => ({ replicaId, ...parts })));
      await settle(party);
    },
    running: () => bench.rows<{ deployment_id: string }>('SELECT deployment_id FROM assignments ORDER BY replica_id'),
  };
}

const reasons = (action: string) =>
  bench.rows<{ reason: string; numbers: Record<string, unknown> }>(
    'SELECT reason, numbers FROM scheduler_decisions WHERE action = $1 ORDER BY id',
    [action],
  );

describe('a model on demand', () => {
  it('has no replica until the first job waits, and none again once it was idle for its keep-alive', async () => {
    const { id, queues, running, settleRunner } = await fleetOf({ chat: 2 });
    await bench.rows('UPDATE deployments SET keep_alive_seconds = 60');
    expect(await running()).toEqual([]);
    await queues({ chat: { waitingJobs: 1, waitingTokens: 50 } });
    expect(await running()).toEqual([{ deployment_id: id('chat') }]);
    expect((await reasons('start'))[0]).toMatchObject({ reason: 'demand' });

    await settleRunner({ idleForMs: 59_000 });
    await queues({ chat: {} });
    expect(await running()).toHaveLength(1);
    await settleRunner({ idleForMs: 61_000 });
    expect(await running()).toEqual([]);
    expect((await reasons('stop')).at(-1)).toMatchObject({ reason: 'idle' });
  });

  it('gets as many replicas as its arrivals keep busy, at most its maximum, and keeps its minimum', async () => {
    const { queues, running, settleRunner } = await fleetOf({ chat: 2 });
    const served = { answers: 9, slotTokensPerSecond: 25 };
    await queues({ chat: { waitingJobs: 1, arrivalTokensPerSecond: 120, ...served } });
    await settleRunner({ slots: 4 });
    // 100 tokens per second and replica, at 80 % of that: 120 need two.
    await queues({ chat: { arrivalTokensPerSecond: 120, ...served } });
    expect(await running()).toHaveLength(2);
    await settleRunner({ slots: 4 });
    await queues({ chat: { arrivalTokensPerSecond: 5_000, ...served } });
    expect(await running()).toHaveLength(3);
    await settleRunner({ slots: 4 });

    await bench.rows('UPDATE deployments SET min_replicas = 1, keep_alive_seconds = 60');
    await queues({ chat: {} });
    await settleRunner({ slots: 4, idleForMs: 120_000 });
    expect(await running()).toHaveLength(1);
  });

  it('works off a backlog with more replicas', async () => {
    const { queues, running, settleRunner } = await fleetOf({ chat: 2 });
    const served = { answers: 9, slotTokensPerSecond: 25 };
    await queues({ chat: { waitingJobs: 1, ...served } });
    await settleRunner({ slots: 4 });
    await queues({ chat: { waitingJobs: 30, waitingTokens: 1_500, oldestWaitMs: 100, ...served } });
    expect(await running()).toHaveLength(2);
  });
});

describe('two models on demand on a device that holds one', () => {
  /** `chat` runs and has been idle; `vision` has no room beside it. */
  async function crowded() {
    const fleet = await fleetOf({ chat: 9, vision: 12 });
    await fleet.queues({ chat: { waitingJobs: 1 } });
    await fleet.settleRunner({ idleForMs: 300_000 });
    return fleet;
  }

  it('swap once the wait of the one exceeds what that costs the other', async () => {
    const { id, queues, running, settleRunner } = await crowded();
    await queues({ vision: { waitingJobs: 1, oldestWaitMs: 3_000 } });
    expect(await running()).toEqual([{ deployment_id: id('chat') }]);
    expect((await reasons('unplaced')).at(-1)).toMatchObject({ reason: 'swap_not_worth' });

    await queues({ vision: { waitingJobs: 2, oldestWaitMs: 25_000 } });
    expect(await running()).toEqual([]);
    const stop = (await reasons('stop')).at(-1);
    expect(stop).toMatchObject({ reason: 'evicted' });
    expect(stop?.numbers).toMatchObject({ eviction: { forDeploymentId: id('vision') } });
    await settleRunner();
    expect(await running()).toEqual([{ deployment_id: id('vision') }]);
  });

  it('do not swap before the one that serves has served for a while', async () => {
    const { id, queues, running, settleRunner } = await crowded();
    await bench.rows(`UPDATE replicas SET ready_since = now() - interval '20 seconds'`);
    await queues({ vision: { waitingJobs: 50, oldestWaitMs: 59_000 } });
    expect(await running()).toEqual([{ deployment_id: id('chat') }]);
    await bench.rows(`UPDATE replicas SET ready_since = now() - interval '31 seconds'`);
    await settleRunner({ readyForMs: 31_000 });
    expect(await running()).toEqual([]);
  });

  it('swap at the bound of the wait, however busy the other is, and the other drains', async () => {
    const { id, queues, running, settleRunner } = await crowded();
    const busy = { waitingJobs: 500, waitingTokens: 500_000, oldestWaitMs: 20_000, arrivalsPerSecond: 50 };
    await settleRunner({ inFlight: 4 });
    await queues({ chat: busy, vision: { waitingJobs: 1, oldestWaitMs: 59_000 } });
    expect((await reasons('drain')).length).toBe(0);
    await queues({ chat: busy, vision: { waitingJobs: 1, oldestWaitMs: 60_000 } });
    expect((await reasons('drain')).at(-1)).toMatchObject({
      reason: 'evicted',
      numbers: { inFlight: 4, eviction: { forDeploymentId: id('vision') } },
    });
    expect(await running()).toHaveLength(1);
    await settleRunner({ state: ReplicaState.REPLICA_STATE_DRAINING, inFlight: 0 });
    await settleRunner();
    expect(await running()).toEqual([{ deployment_id: id('vision') }]);
  });
});

describe('a restarted scheduler', () => {
  it('stops nothing for want of demand: what runs stays until its keep-alive has passed', async () => {
    const { party, runner, queues, running, settleRunner } = await fleetOf({ chat: 2 });
    await bench.rows('UPDATE deployments SET keep_alive_seconds = 60');
    await queues({ chat: { waitingJobs: 1 } });
    await settleRunner({ idleForMs: 1_000 });
    const before = await running();
    await party.scheduler.stop();
    const next = bench.newScheduler();
    await next.scheduler.leadership.beat();
    const same = new SimulatedRunner(runner.runnerId, next);
    await same.connect();
    await settle(next);
    expect(await running()).toEqual(before);
  });
});
