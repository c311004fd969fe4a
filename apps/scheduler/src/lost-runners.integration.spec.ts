import { GIBIBYTE, openBench, settle, SimulatedRunner, type Bench } from '../test/scheduler-bench.js';

let bench: Bench;

beforeEach(async () => {
  bench = await openBench();
});

afterEach(() => bench.close());

const homes = () =>
  bench.rows<{ replica_id: string; runner_id: string }>(
    'SELECT replica_id, runner_id FROM assignments ORDER BY created_at, replica_id',
  );
/** As if the runner had been silent for so long. */
const silence = (runnerId: string, seconds: number) =>
  bench.rows(`UPDATE runners SET last_heartbeat_at = now() - $2 * interval '1 second' WHERE id = $1`, [
    runnerId,
    seconds,
  ]);
const decisions = () =>
  bench.rows<{ action: string; reason: string; numbers: Record<string, unknown> }>(
    `SELECT action, reason, numbers FROM scheduler_decisions WHERE action IN ('health', 'start', 'stop') ORDER BY id`,
  );

/** A scheduler that has watched for long, three runners, and a model of 2 GiB on the first. */
async function fleet() {
  const deploymentId = await bench.deployModel('tiny');
  const party = bench.newScheduler({ watch: { since: () => 0, restart: () => undefined } });
  const runners = [];
  for (const name of ['node-a', 'node-b', 'node-c']) {
    const runner = new SimulatedRunner(await bench.joinRunner(name), party);
    await runner.connect();
    await runner.report();
    runners.push(runner);
  }
  await party.scheduler.leadership.beat();
  await settle(party);
  for (const runner of runners) await runner.answerEstimates(2 * GIBIBYTE);
  await settle(party);
  const [home] = await homes();
  const replicaId = home?.replica_id ?? '';
  const first = runners.find(({ runnerId }) => runnerId === home?.runner_id);
  if (first === undefined) throw new Error('nothing was placed');
  await first.report([{ replicaId, measuredBytes: 2 * GIBIBYTE }]);
  await settle(party);
  const others = runners.filter((runner) => runner !== first);
  return { deploymentId, party, first, others, replicaId };
}

describe('a runner that falls silent', () => {
  it('keeps its replicas while it is suspect, and they start elsewhere once it is lost', async () => {
    const { party, first, replicaId } = await fleet();
    await silence(first.runnerId, 29);
    await settle(party);
    expect(await homes()).toHaveLength(1);
    await silence(first.runnerId, 30);
    await settle(party);
    const [old, fresh] = await homes();
    expect(old).toEqual({ replica_id: replicaId, runner_id: first.runnerId });
    expect(fresh?.runner_id).not.toBe(first.runnerId);
    expect((await decisions()).slice(-3)).toMatchObject([
      { action: 'health', reason: 'runner_suspect', numbers: { runnerId: first.runnerId, replicaIds: [replicaId] } },
      { action: 'health', reason: 'runner_lost' },
      { action: 'start', reason: 'min_replicas' },
    ]);
  });

  it('goes on with what it still runs when it comes back before that has started elsewhere: nothing is loaded', async () => {
    const { party, first, others, replicaId } = await fleet();
    for (const { runnerId } of others)
      await bench.rows(`UPDATE runners SET admin_state = 'cordoned' WHERE id = $1`, [runnerId]);
    await silence(first.runnerId, 31);
    await settle(party);
    const before = party.links.assignments.get(first.runnerId)?.generation;
    await first.report([{ replicaId, measuredBytes: 2 * GIBIBYTE }]);
    await settle(party);
    expect(await homes()).toEqual([{ replica_id: replicaId, runner_id: first.runnerId }]);
    expect(party.links.assignments.get(first.runnerId)?.generation).toBe(before);
  });

  it('gives up what was started elsewhere meanwhile, without loading it: there are no duplicates', async () => {
    const { party, first, others, replicaId } = await fleet();
    await silence(first.runnerId, 31);
    await settle(party);
    const fresh = (await homes()).find(({ replica_id }) => replica_id !== replicaId);
    const successor = others.find(({ runnerId }) => runnerId === fresh?.runner_id);
    await successor?.report([{ replicaId: fresh?.replica_id ?? '' }]);
    await settle(party);

    // Another start of its process, which runs nothing.
    party.links.assignments.delete(first.runnerId);
    const restarted = new SimulatedRunner(first.runnerId, party, 'boot-2');
    await restarted.connect();
    await restarted.report();
    await settle(party);
    expect(await homes()).toEqual([fresh]);
    expect(restarted.replicaIds()).toEqual([]);
    expect((await decisions()).slice(-2)).toMatchObject([
      { action: 'health', reason: 'runner_alive' },
      { action: 'stop', reason: 'surplus' },
    ]);
    const ledger = await bench.rows('SELECT replica_id FROM device_reservations');
    await restarted.report();
    await settle(party);
    expect(ledger.length).toBeGreaterThanOrEqual(1);
    expect(await bench.rows('SELECT replica_id FROM device_reservations')).toEqual([{ replica_id: fresh?.replica_id }]);
  });

  it('is not lost while most of the fleet is silent: something else may be broken', async () => {
    const { party, first, others } = await fleet();
    for (const { runnerId } of [first, ...others]) await silence(runnerId, 40);
    await settle(party);
    expect(await homes()).toHaveLength(1);
    expect((await decisions()).filter(({ reason }) => reason === 'runner_lost')).toEqual([]);
    for (const { runnerId } of [first, ...others]) await silence(runnerId, 60);
    await settle(party);
    expect((await decisions()).filter(({ reason }) => reason === 'runner_lost')).toHaveLength(3);
  });
});
