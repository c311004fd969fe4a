import { PlanStore } from '@millrace/adapters/postgres';
import { EstimateBasis, ReplicaState } from '@millrace/contracts/runner-protocol';
import { emptyPlan, GIBIBYTE, openBench, settle, SimulatedRunner, type Bench } from '../test/scheduler-bench.js';

let bench: Bench;

beforeEach(async () => {
  bench = await openBench();
});

afterEach(() => bench.close());

interface Line {
  replica_id: string;
  bytes: string;
  basis: string;
  epoch: string;
}

const ledger = () => bench.rows<Line>('SELECT replica_id, bytes, basis, epoch FROM device_reservations');
const assigned = () => bench.rows<{ replica_id: string }>('SELECT replica_id FROM assignments');

/** Numbers of the starts that were decided, the newest first. */
async function starts(): Promise<Record<string, unknown>[]> {
  const decisions = await bench.rows<{ numbers: Record<string, unknown> }>(
    `SELECT numbers FROM scheduler_decisions WHERE action = 'start' ORDER BY id DESC`,
  );
  return decisions.map(({ numbers }) => numbers);
}

/** A leading scheduler with one runner that runs one replica of 2 GiB as predicted. */
async function running() {
  const deploymentId = await bench.deployModel('tiny');
  const party = bench.newScheduler();
  const runner = new SimulatedRunner(await bench.joinRunner('node-a'), party);
  await runner.connect();
  await runner.report();
  await party.scheduler.leadership.beat();
  await settle(party);
  await runner.answerEstimates(2 * GIBIBYTE);
  await settle(party);
  const [replicaId = ''] = runner.replicaIds();
  return { deploymentId, party, runner, replicaId };
}

describe('a scheduler', () => {
  it('assigns a wish to a runner and reserves what a dry run predicts', async () => {
    const { deploymentId, party, runner, replicaId } = await running();
    const message = party.links.assignments.get(runner.runnerId);
    expect(message).toMatchObject({
      epoch: 1,
      generation: 1,
      replicas: [
        {
          replicaId: expect.stringMatching(/^rep_/) as string,
          deploymentId,
          deviceKey: 'cpu',
          spec: { modelName: 'tiny', contextLength: 2048, slots: 4, engineOptions: '{}' },
        },
      ],
    });
    const bytes = String(Math.ceil(2 * GIBIBYTE * 1.05) + 32 * 1024 ** 2);
    expect(await ledger()).toEqual([{ replica_id: replicaId, bytes, basis: 'predicted', epoch: '1' }]);
  });

  it('asks for a dry run once while it is under way', async () => {
    await bench.deployModel('tiny');
    const party = bench.newScheduler();
    const runner = new SimulatedRunner(await bench.joinRunner('node-a'), party);
    await runner.connect();
    await runner.report();
    await settle(party);
    await settle(party);
    expect(party.links.estimates).toHaveLength(1);
  });

  it('replaces the prediction by what was measured, in the ledger and for the next replica', async () => {
    const { party, runner, replicaId } = await running();
    await runner.report([{ replicaId, measuredBytes: GIBIBYTE }]);
    await settle(party);
    expect(await ledger()).toMatchObject([{ bytes: String(GIBIBYTE), basis: 'measured' }]);
    expect(await bench.rows('SELECT basis, measured_bytes FROM footprints')).toEqual([
      { basis: 'measured', measured_bytes: String(GIBIBYTE) },
    ]);
    const [decision] = await bench.rows<{ numbers: Record<string, number> }>(
      `SELECT numbers FROM scheduler_decisions WHERE action = 'measure'`,
    );
    expect(decision?.numbers).toMatchObject({
      predictedBytes: 2 * GIBIBYTE,
      basis: 'engine_dry_run',
      signedError: 1,
    });
  });

  it('learns from a replica that was measured what one with another context will take', async () => {
    const { party, runner, replicaId } = await running();
    await runner.report([{ replicaId, measuredBytes: 2 * GIBIBYTE + 1000 }]);
    await settle(party);
    await bench.rows('UPDATE deployments SET context_length = 8192');
    await settle(party);
    await runner.answerEstimates(3 * GIBIBYTE);
    await runner.report();
    await settle(party);
    const [start] = await starts();
    expect(start).toMatchObject({
      basis: 'learned',
      needBytes: Math.ceil((3 * GIBIBYTE + 1000) * 1.03) + 32 * 1024 ** 2,
    });
  });

  it('learns nothing from another version of the engine', async () => {
    const { party, runner, replicaId } = await running();
    await runner.report([{ replicaId, measuredBytes: GIBIBYTE }]);
    await settle(party);
    await bench.rows('UPDATE deployments SET context_length = 8192');
    await settle(party);
    await runner.answerEstimates(3 * GIBIBYTE, { engineVersion: 'b2' });
    await runner.report();
    await settle(party);
    expect(await starts()).toMatchObject([{ basis: 'engine_dry_run' }, { basis: 'engine_dry_run' }]);
  });

  it("takes an operator's claim as it is where nothing better is known, and widens what a formula says", async () => {
    const party = bench.newScheduler();
    const runner = new SimulatedRunner(await bench.joinRunner('node-a'), party);
    await runner.connect();
    await runner.report();
    await party.scheduler.leadership.beat();
    for (const [model, basis] of [
      ['claimed', EstimateBasis.ESTIMATE_BASIS_CLAIMED],
      ['computed', EstimateBasis.ESTIMATE_BASIS_FORMULA],
    ] as const) {
      await bench.deployModel(model);
      await settle(party);
      await runner.answerEstimates(GIBIBYTE, { basis });
      await settle(party);
    }
    expect(await starts()).toMatchObject([
      { basis: 'formula', needBytes: Math.ceil(GIBIBYTE * 1.05) + 300 * 1024 ** 2 },
      { basis: 'claimed', needBytes: GIBIBYTE },
    ]);
    expect(await bench.rows('SELECT basis, engine_version FROM footprints ORDER BY basis')).toEqual([
      { basis: 'claimed', engine_version: 'b1' },
      { basis: 'formula', engine_version: 'b1' },
    ]);
  });

  it('says with numbers why a second wish does not fit next to the first', async () => {
    const { party, runner, replicaId } = await running();
    await runner.report([{ replicaId, measuredBytes: 10 * GIBIBYTE }]);
    const second = await bench.deployModel('second');
    await settle(party);
    await runner.answerEstimates(8 * GIBIBYTE);
    await settle(party);
    expect(await assigned()).toHaveLength(1);
    const decisions = await bench.rows<{ reason: string; numbers: Record<string, unknown> }>(
      `SELECT reason, numbers FROM scheduler_decisions WHERE deployment_id = $1 ORDER BY id`,
      [second],
    );
    expect(decisions.map(({ reason }) => reason)).toEqual(['awaiting_footprint', 'not_enough_free']);
    expect(decisions[1]?.numbers).toMatchObject({
      missing: 1,
      needBytes: Math.ceil(8 * GIBIBYTE * 1.05) + 32 * 1024 ** 2,
      rejected: [{ runnerId: runner.runnerId, reservedBytes: 10 * GIBIBYTE }],
    });
  });

  it('adopts what runs after its own restart and changes nothing', async () => {
    const { party, runner, replicaId } = await running();
    await runner.report([{ replicaId, measuredBytes: GIBIBYTE }]);
    await settle(party);
    await party.scheduler.stop();
    const before = [await assigned(), await ledger()];

    const next = bench.newScheduler();
    await next.scheduler.leadership.beat();
    const sameRunner = new SimulatedRunner(runner.runnerId, next);
    await sameRunner.connect();
    await sameRunner.report([{ replicaId, measuredBytes: GIBIBYTE }], { observedGeneration: 1 });
    expect(await next.scheduler.pass()).toBe(false);
    expect([await assigned(), await ledger()]).toEqual(before);
    expect(sameRunner.replicaIds()).toEqual([replicaId]);
  });

  it('keeps the reservation of a stopped replica until its runner reports it gone', async () => {
    const { deploymentId, party, runner, replicaId } = await running();
    await runner.report([{ replicaId, measuredBytes: GIBIBYTE }]);
    await settle(party);
    await bench.rows('UPDATE deployments SET paused = true WHERE id = $1', [deploymentId]);
    await settle(party);
    expect([await assigned(), (await ledger()).length]).toEqual([[], 1]);
    expect(runner.replicaIds()).toEqual([]);
    await runner.report([{ replicaId, state: ReplicaState.REPLICA_STATE_DRAINING }]);
    await settle(party);
    expect(await ledger()).toHaveLength(1);
    await runner.report();
    await settle(party);
    expect(await ledger()).toEqual([]);
  });

  it('gives a failed load up, says why and waits before it tries again', async () => {
    const { party, runner, replicaId } = await running();
    await runner.report([{ replicaId, state: ReplicaState.REPLICA_STATE_FAILED, message: 'out of memory' }]);
    await settle(party);
    expect([await assigned(), await ledger()]).toEqual([[], []]);
    await bench.rows(`UPDATE load_failures SET failed_at = failed_at - interval '1 second'`);
    await runner.report();
    await settle(party);
    expect(await assigned()).toHaveLength(1);
    expect(runner.replicaIds()).not.toEqual([replicaId]);
  });

  it('drops the report of a start that was superseded', async () => {
    const { party, runner, replicaId } = await running();
    await new SimulatedRunner(runner.runnerId, party, 'boot-2').connect();
    await runner.report([{ replicaId, measuredBytes: GIBIBYTE }]);
    expect(await bench.rows('SELECT 1 FROM replicas')).toEqual([]);
  });
});

describe('applying a plan', () => {
  it('is refused when a device has less room than was observed', async () => {
    const { runner } = await running();
    const start = {
      replicaId: 'rep_second',
      deploymentId: 'dep_other',
      reason: 'min_replicas' as const,
      layout: 'one_device' as const,
      runnerId: runner.runnerId,
      deviceKey: 'cpu',
      spec: { modelName: 'm', artifact: 'a', engine: 'e', contextLength: 0, slots: 0, engineOptions: {} },
      settings: '{}',
      needBytes: 13 * GIBIBYTE,
      basis: 'engine_dry_run' as const,
      freeBytes: 16 * GIBIBYTE,
      peers: [],
      score: 1,
    };
    const plan = { ...emptyPlan, start: [start] };
    const outcome = await new PlanStore(bench.dataSource).apply(1, { plan, decisions: [], newWishes: [] });
    expect(outcome).toEqual({ outcome: 'applied', refused: [start] });
    expect(await ledger()).toHaveLength(1);
  });
});
