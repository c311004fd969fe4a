import { PlanStore } from '@millrace/adapters/postgres';
import { ReplicaState } from '@millrace/contracts/runner-protocol';
import { emptyPlan, GIBIBYTE, openBench, settle, SimulatedRunner, type Bench } from '../test/scheduler-bench.js';

let bench: Bench;

beforeEach(async () => {
  bench = await openBench();
});

afterEach(() => bench.close());

const assigned = () =>
  bench.rows<{ replica_id: string; drain_reason: string | null }>('SELECT replica_id, drain_reason FROM assignments');
const ledger = () =>
  bench.rows<Record<string, unknown>>(
    `SELECT replica_id, device_key, bytes, releasing_since IS NOT NULL AS releasing, releasing_for
     FROM device_reservations ORDER BY device_key`,
  );
const decisions = (action: string) =>
  bench.rows<{ reason: string; replica_id: string; numbers: Record<string, unknown> }>(
    'SELECT reason, replica_id, numbers FROM scheduler_decisions WHERE action = $1 ORDER BY id',
    [action],
  );
const setWish = (deploymentId: string, columns: string) =>
  bench.rows(`UPDATE deployments SET ${columns}, generation = generation + 1 WHERE id = $1`, [deploymentId]);

/** A leading scheduler and a connected runner of 16 GiB. */
async function lead() {
  const party = bench.newScheduler();
  const runner = new SimulatedRunner(await bench.joinRunner('node-a'), party);
  await runner.connect();
  await runner.report();
  await party.scheduler.leadership.beat();
  return { party, runner };
}

/** The same with one replica of 2 GiB that is ready, long enough to be evicted. */
async function serving() {
  const deploymentId = await bench.deployModel('tiny');
  const { party, runner } = await lead();
  await settle(party);
  await runner.answerEstimates(2 * GIBIBYTE);
  await settle(party);
  const [replicaId = ''] = runner.replicaIds();
  await runner.report([{ replicaId, measuredBytes: 2 * GIBIBYTE, loadMs: 4_000 }]);
  await settle(party);
  return { deploymentId, party, runner, replicaId };
}

describe('a replica that has to go while it serves', () => {
  /** Its deployment is paused while two answers are generated. */
  async function draining() {
    const served = await serving();
    const { runner, replicaId, party, deploymentId } = served;
    await runner.report([{ replicaId, inFlight: 2 }]);
    await setWish(deploymentId, 'paused = true');
    await settle(party);
    return served;
  }

  it('drains first: its runner hears how long it may finish, and its memory stays taken', async () => {
    const { party, runner, replicaId, deploymentId } = await draining();
    expect(await assigned()).toEqual([{ replica_id: replicaId, drain_reason: 'deployment_paused' }]);
    expect(await ledger()).toMatchObject([{ replica_id: replicaId, releasing: true, releasing_for: null }]);
    const message = party.links.assignments.get(runner.runnerId);
    expect(message).toMatchObject({ generation: 2, drainMs: 60_000, replicas: [{ replicaId, draining: true }] });
    const withinMs = message?.replicas[0]?.drainWithinMs ?? 0;
    expect(withinMs).toBeGreaterThan(55_000);
    expect(withinMs).toBeLessThanOrEqual(60_000);
    const [decision] = await decisions('drain');
    expect(decision).toMatchObject({ reason: 'deployment_paused', replica_id: replicaId });
    expect(decision?.numbers).toMatchObject({ inFlight: 2, runnerId: runner.runnerId });
    expect(deploymentId).toMatch(/^dep_/);
  });

  it('stops when it is idle, gives its memory back when its runner has let go, and counts as no failure', async () => {
    const { party, runner, replicaId } = await draining();
    await runner.report([{ replicaId, inFlight: 0, state: ReplicaState.REPLICA_STATE_DRAINING }]);
    await settle(party);
    expect([await assigned(), (await ledger()).length]).toEqual([[], 1]);
    await runner.report();
    await settle(party);
    expect(await ledger()).toEqual([]);
    expect(await bench.rows('SELECT 1 FROM load_failures')).toEqual([]);
  });

  it('is not taken back when its deployment goes on: a fresh one takes its place', async () => {
    const { party, runner, replicaId, deploymentId } = await draining();
    await setWish(deploymentId, 'paused = false');
    await settle(party);
    const now = await assigned();
    expect(now).toHaveLength(2);
    expect(now).toContainEqual({ replica_id: replicaId, drain_reason: 'deployment_paused' });
    expect(party.links.assignments.get(runner.runnerId)?.replicas.filter(({ draining }) => !draining)).toHaveLength(1);
  });

  it('stops at the deadline, whatever it serves', async () => {
    const { party } = await draining();
    await bench.rows(`UPDATE assignments SET draining_since = draining_since - interval '60 seconds'`);
    await settle(party);
    expect(await assigned()).toEqual([]);
  });
});

describe('an eviction', () => {
  /** A wish of 12 GiB that must be met, beside one of 10 GiB that need not. */
  async function evicting(inFlight: number) {
    const { deploymentId, party, runner, replicaId } = await serving();
    const old = { replicaId, measuredBytes: 10 * GIBIBYTE, inFlight };
    await bench.rows('UPDATE device_reservations SET bytes = $1', [10 * GIBIBYTE]);
    await runner.report([old]);
    await setWish(deploymentId, 'min_replicas = 0');
    const large = await bench.deployModel('large');
    await settle(party);
    await runner.answerEstimates(12 * GIBIBYTE);
    await settle(party);
    return { party, runner, old, large };
  }

  it('says for whom it is and what it was weighed by, and keeps the memory for that one', async () => {
    const { party, runner, old, large } = await evicting(0);
    expect(await ledger()).toMatchObject([{ replica_id: old.replicaId, releasing: true, releasing_for: large }]);
    const [stop] = await decisions('stop');
    expect(stop).toMatchObject({ reason: 'evicted', replica_id: old.replicaId });
    const { eviction } = stop?.numbers as { eviction: Record<string, number> };
    expect(eviction).toMatchObject({ forDeploymentId: large, freesBytes: 10 * GIBIBYTE });
    expect(eviction['costSeconds']).toBeGreaterThan(0);
    await runner.report();
    await settle(party);
    const [start] = (await assigned()).map(({ replica_id }) => replica_id);
    expect(start).not.toBe(old.replicaId);
    expect(await ledger()).toMatchObject([{ replica_id: start, releasing: false }]);
  });

  it('of a replica that serves is a drain, for the same one until its memory is free', async () => {
    const { party, runner, old, large } = await evicting(3);
    expect(await assigned()).toEqual([{ replica_id: old.replicaId, drain_reason: 'evicted' }]);
    await runner.report([{ ...old, inFlight: 0, state: ReplicaState.REPLICA_STATE_DRAINING }]);
    await settle(party);
    expect(await assigned()).toEqual([]);
    expect(await ledger()).toMatchObject([{ replica_id: old.replicaId, releasing_for: large }]);
  });
});

describe('a replica over several devices', () => {
  const twoCards = [0, 1].map((index) => ({
    deviceKey: `cuda-${String(index)}`,
    deviceType: 'L4',
    totalBytes: 8 * GIBIBYTE,
    freeBytes: 8 * GIBIBYTE,
  }));

  /** A wish of two cards with 6 GiB on each. */
  async function group() {
    const deploymentId = await bench.deployModel('wide');
    await setWish(deploymentId, `placement = '{"deviceCount": 2}'`);
    const { party, runner } = await lead();
    await runner.report([], { devices: twoCards });
    await settle(party);
    expect(party.links.estimates).toMatchObject([{ deviceType: 'L4', deviceCount: 2 }]);
    await runner.answerEstimates(6 * GIBIBYTE);
    return { party, runner };
  }

  it('has a line of the ledger on each, and its runner is told all of them', async () => {
    const { party, runner } = await group();
    await settle(party);
    const [{ replica_id: replicaId } = { replica_id: '' }] = await assigned();
    const bytes = String(Math.ceil(6 * GIBIBYTE * 1.05) + 32 * 1024 ** 2);
    expect(await ledger()).toMatchObject([
      { replica_id: replicaId, device_key: 'cuda-0', bytes },
      { replica_id: replicaId, device_key: 'cuda-1', bytes },
    ]);
    expect(party.links.assignments.get(runner.runnerId)?.replicas).toMatchObject([
      { deviceKey: 'cuda-0', peerDeviceKeys: ['cuda-1'], reservedBytes: 2 * Number(bytes) },
    ]);
  });

  it('is refused as a whole when one of them has less room than was observed, and the log says so', async () => {
    const { party, runner } = await group();
    await bench.rows(
      `INSERT INTO device_reservations (runner_id, device_key, replica_id, bytes, epoch)
       VALUES ($1, 'cuda-1', 'rep_other', $2, 1)`,
      [runner.runnerId, 4 * GIBIBYTE],
    );
    const share = { runnerId: runner.runnerId, needBytes: 6 * GIBIBYTE, freeBytes: 7 * GIBIBYTE };
    const start = {
      replicaId: 'rep_wide',
      deploymentId: 'dep_wide',
      reason: 'min_replicas' as const,
      layout: 'device_group' as const,
      basis: 'engine_dry_run' as const,
      ...share,
      deviceKey: 'cuda-0',
      peers: [{ ...share, deviceKey: 'cuda-1' }],
      spec: { modelName: 'm', artifact: 'a', engine: 'e', contextLength: 0, slots: 0, engineOptions: {} },
      settings: '{}',
      score: 1,
    };
    const { replicaId, reason } = start;
    const decision = { action: 'start' as const, reason, replicaId, numbers: {} };
    const change = { plan: { ...emptyPlan, start: [start] }, decisions: [decision], newWishes: [] };
    const outcome = await new PlanStore(bench.dataSource).apply(1, change);
    expect(outcome).toEqual({ outcome: 'applied', refused: [start] });
    expect(await ledger()).toMatchObject([{ replica_id: 'rep_other' }]);
    expect(await decisions('refused')).toMatchObject([{ reason: 'device_changed', replica_id: 'rep_wide' }]);
    expect(party.scheduler.leadership.currentEpoch()).toBe(1);
  });
});

describe('a scheduler that people have paused', () => {
  it('observes and explains, and changes nothing until it goes on', async () => {
    const { party, runner, replicaId, deploymentId } = await serving();
    await bench.rows('UPDATE scheduler_switch SET paused = true');
    await setWish(deploymentId, 'paused = true');
    const second = await bench.deployModel('second');
    await settle(party);
    await runner.answerEstimates(40 * GIBIBYTE);
    await settle(party);
    expect(await assigned()).toEqual([{ replica_id: replicaId, drain_reason: null }]);
    const unplaced = await decisions('unplaced');
    expect(unplaced.at(-1)).toMatchObject({ reason: 'device_too_small' });
    expect(second).not.toBe(deploymentId);

    await bench.rows('UPDATE scheduler_switch SET paused = false');
    await settle(party);
    expect(await assigned()).toEqual([]);
  });
});

describe('a wish', () => {
  const observed = () =>
    bench.rows('SELECT observed_generation = generation AS seen FROM deployments ORDER BY created_at');

  it('is marked as acted on by the first plan that knows it', async () => {
    const { party, deploymentId } = await serving();
    expect(await observed()).toEqual([{ seen: true }]);
    await setWish(deploymentId, 'priority = 3');
    expect(await observed()).toEqual([{ seen: false }]);
    await settle(party);
    expect(await observed()).toEqual([{ seen: true }]);
  });

  it('with labels is met by the runner that has them, whether it brought them or an operator gave them', async () => {
    const deploymentId = await bench.deployModel('tiny');
    await setWish(deploymentId, `placement = '{"labels": {"zone": "b"}}'`);
    const { party, runner } = await lead();
    await settle(party);
    expect(await decisions('unplaced')).toMatchObject([{ reason: 'label_missing' }]);
    await bench.rows(`UPDATE runners SET operator_labels = '{"zone": "b"}'`);
    await settle(party);
    await runner.answerEstimates(GIBIBYTE);
    await settle(party);
    expect(await assigned()).toHaveLength(1);
  });

  it('is kept when pinned: not even a minimum takes its place', async () => {
    const { party, runner, replicaId, deploymentId } = await serving();
    await setWish(deploymentId, 'pinned = true, min_replicas = 0');
    await bench.deployModel('large');
    await settle(party);
    await runner.answerEstimates(13 * GIBIBYTE);
    await settle(party);
    expect(await assigned()).toEqual([{ replica_id: replicaId, drain_reason: null }]);
  });

  it('ends after its keep-alive when nobody needs it', async () => {
    const { party, runner, replicaId, deploymentId } = await serving();
    await setWish(deploymentId, 'min_replicas = 0, keep_alive_seconds = 60');
    await runner.report([{ replicaId, idleForMs: 50_000 }]);
    await settle(party);
    expect(await assigned()).toHaveLength(1);
    await runner.report([{ replicaId, idleForMs: 60_000 }]);
    await settle(party);
    expect([await assigned(), (await decisions('stop')).map(({ reason }) => reason)]).toEqual([[], ['idle']]);
  });
});

describe('a load', () => {
  it('teaches how long the next one takes', async () => {
    await serving();
    expect(await bench.rows('SELECT load_ms FROM footprints')).toEqual([{ load_ms: '4000' }]);
  });

  it('does not make a replica younger that another start of its runner has adopted', async () => {
    const { party, runner, replicaId } = await serving();
    const age = () =>
      bench.rows<{ old: boolean }>(`SELECT ready_since < now() - interval '5 minutes' AS old FROM replicas`);
    expect(await age()).toEqual([{ old: true }]);
    const restarted = new SimulatedRunner(runner.runnerId, party, 'boot-2');
    await restarted.connect();
    await restarted.report([{ replicaId, readyForMs: 10 }]);
    expect(await age()).toEqual([{ old: true }]);
  });
});
