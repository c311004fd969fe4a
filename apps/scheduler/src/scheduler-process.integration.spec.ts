import { FleetClient } from '@millrace/adapters/fleet';
import { RunnerStore } from '@millrace/adapters/postgres';
import { EstimateBasis, ReplicaState, type Assignments } from '@millrace/contracts/runner-protocol';
import { hashSecret } from '@millrace/domain/tenancy';
import { newSecret } from '@millrace/platform/ids';
import type { SupervisedMessage } from '@millrace/platform/lifecycle';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { build } from '../../../tools/build.mjs';
import { GIBIBYTE, openBench, type Bench } from '../test/scheduler-bench.js';

const program = join(import.meta.dirname, '../../../dist/apps/scheduler/src/main.js');
const redisUrl = process.env['TEST_REDIS_URL'] ?? 'redis://127.0.0.1:6379';
const pepper = 'p'.repeat(40);

const children: ChildProcess[] = [];
let bench: Bench;

beforeAll(build);

beforeEach(async () => {
  bench = await openBench();
});

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await bench.close();
});

interface SchedulerProcess {
  child: ChildProcess;
  address: string;
  healthAddress: string;
}

/** Starts a scheduler process and waits until it serves. */
async function startProcess(listen = '127.0.0.1:0'): Promise<SchedulerProcess> {
  const child = spawn(process.execPath, [program], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: {
      PATH: process.env['PATH'],
      DATABASE_URL: bench.databaseUrl,
      REDIS_URL: redisUrl,
      MILLRACE_KEY_PEPPER: pepper,
      MILLRACE_FLEET_LISTEN: listen,
      MILLRACE_RUNNER_REDIS_URL: redisUrl,
    },
  });
  children.push(child);
  const [message] = (await once(child, 'message')) as [SupervisedMessage];
  if (message.type !== 'ready' || message.address === undefined) throw new Error(JSON.stringify(message));
  return { child, address: message.address, healthAddress: message.healthAddress ?? '' };
}

/** Joins a runner that answers dry runs at once, and collects its assignments. */
async function startRunner(address: string, runnerName: string) {
  const joinToken = newSecret('join');
  await new RunnerStore(bench.dataSource).ensureJoinToken({ prefix: '', secretHash: hashSecret(pepper, joinToken) });
  const client = new FleetClient({ schedulerUrl: address });
  const { credential, runnerId } = await client.join({ joinToken, runnerName, labels: {} });
  const heard: Assignments[] = [];
  let waiting: (() => void) | undefined;
  let refuse: (error: Error) => void = () => undefined;
  const refused = new Promise<Error>((resolve) => (refuse = resolve));
  const stream = client.sync({
    credential,
    hello: { bootId: 'boot', version: '1', engines: ['llama-cpp'], labels: {} },
    onAssignments: (assignments) => {
      heard.push(assignments);
      waiting?.();
    },
    onApiDirectory: () => undefined,
    onRefused: refuse,
    onEstimateFootprint: ({ estimateId }) => {
      const bytes = { weightsBytes: GIBIBYTE, kvBytes: 0, computeBytes: 0, overheadBytes: 0 };
      stream.sendEstimate({
        estimateId,
        error: '',
        ...bytes,
        contextLength: 2048,
        slots: 4,
        basis: EstimateBasis.ESTIMATE_BASIS_ENGINE_DRY_RUN,
        engineVersion: '',
      });
    },
  });
  const heartbeat = {
    devices: [{ deviceKey: 'cpu', deviceType: 'cpu', totalBytes: 16 * GIBIBYTE, freeBytes: 16 * GIBIBYTE }],
    replicas: [],
    observedGeneration: 0,
    observedEpoch: 0,
  };
  stream.sendHeartbeat(heartbeat);
  const reportReady = ({ epoch, generation, replicas }: Assignments) => {
    const ready = { state: ReplicaState.REPLICA_STATE_READY, measuredBytes: GIBIBYTE, slots: 4, contextLength: 2048 };
    const idle = { message: '', progress: 1, inFlight: 0, readyForMs: 1_000, idleForMs: 1_000, loadMs: 100 };
    stream.sendHeartbeat({
      ...heartbeat,
      replicas: replicas.map(({ replicaId }) => ({ replicaId, ...ready, ...idle })),
      observedGeneration: generation,
      observedEpoch: epoch,
    });
  };
  const untilAssigned = async (replicas: number): Promise<Assignments> => {
    for (;;) {
      const newest = heard.at(-1);
      if (newest?.replicas.length === replicas) return newest;
      await new Promise<void>((resolve) => (waiting = resolve));
    }
  };
  /** The first that it hears from now on. */
  const nextAssigned = async (): Promise<Assignments> => {
    const soFar = heard.length;
    while (heard.length === soFar) await new Promise<void>((resolve) => (waiting = resolve));
    return heard[soFar] as Assignments;
  };
  return { client, whenUp: stream.whenUp, untilAssigned, nextAssigned, reportReady, runnerId, refused };
}

describe('scheduler processes', () => {
  it('assign at once what is wished, survive the death of the leader within 5 s, and stop on SIGTERM', async () => {
    const deploymentId = await bench.deployModel('tiny');
    const leader = await startProcess();
    const standby = await startProcess();
    const beganMs = performance.now();
    const runner = await startRunner(standby.address, 'node-a');
    expect(await runner.untilAssigned(1)).toMatchObject({ epoch: 1, replicas: [{ deploymentId }] });
    expect(performance.now() - beganMs).toBeLessThan(2_000);

    leader.child.kill('SIGKILL');
    const diedAtMs = performance.now();
    await bench.rows('UPDATE deployments SET paused = true WHERE id = $1', [deploymentId]);
    expect(await runner.untilAssigned(0)).toMatchObject({ epoch: 2 });
    expect(performance.now() - diedAtMs).toBeLessThan(5_000);

    runner.client.close();
    standby.child.kill('SIGTERM');
    expect(await once(standby.child, 'exit')).toEqual([0, null]);
  });

  it('reload nothing after the leader was killed and started again: its runner goes on as it was', async () => {
    const deploymentId = await bench.deployModel('kept');
    const killed = await startProcess();
    const runner = await startRunner(killed.address, 'node-kept');
    const before = await runner.untilAssigned(1);
    const replicaId = before.replicas[0]?.replicaId ?? '';
    runner.reportReady(before);
    await untilRows(`SELECT 1 FROM replicas WHERE replica_id = '${replicaId}' AND state = 'ready'`);
    const hearing = runner.nextAssigned();
    killed.child.kill('SIGKILL');
    await once(killed.child, 'exit');

    const next = await startProcess(killed.address);
    const { epoch, generation, replicas } = await hearing;
    expect([epoch, generation, replicas.map((replica) => replica.replicaId)]).toEqual([
      before.epoch,
      before.generation,
      [replicaId],
    ]);
    // It leads, and has planned: a new wish is acted on.
    await bench.rows('UPDATE deployments SET generation = generation + 1 WHERE id = $1', [deploymentId]);
    await untilRows('SELECT 1 FROM deployments WHERE observed_generation = generation');
    expect(await bench.rows('SELECT replica_id FROM assignments')).toEqual([{ replica_id: replicaId }]);
    runner.client.close();
    next.child.kill('SIGTERM');
    await once(next.child, 'exit');
  });

  it('end the stream of a runner that is deleted within a second or so, and its credential with it', async () => {
    const scheduler = await startProcess();
    const removed = await startRunner(scheduler.address, 'node-b');
    await removed.whenUp;
    const beganMs = performance.now();
    await bench.rows('DELETE FROM runners WHERE id = $1', [removed.runnerId]);
    // A heartbeat that finds no runner any more may be faster than the look for removed ones.
    expect((await removed.refused).message).toMatch(/^The runner was removed|^Another process has joined/);
    expect(performance.now() - beganMs).toBeLessThan(2_000);
    removed.client.close();
    scheduler.child.kill('SIGTERM');
    expect(await once(scheduler.child, 'exit')).toEqual([0, null]);
  });
});

describe('a leader that is frozen', () => {
  it.each([
    ['between two passes', async () => undefined],
    ['inside the transaction of an apply', async (child: ChildProcess) => freezeInTransaction(child)],
  ])('%s writes nothing after the take-over, which begins within 8 s', async (_when, freeze) => {
    const deploymentId = await bench.deployModel('frozen');
    const old = await startProcess();
    const runner = await startRunner(old.address, 'node-frozen');
    await runner.untilAssigned(1);
    const [{ epoch } = { epoch: '0' }] = await bench.rows<{ epoch: string }>('SELECT epoch FROM scheduler_lease');
    const standby = await startProcess();

    await freeze(old.child);
    old.child.kill('SIGSTOP');
    const frozenAtMs = performance.now();
    await untilRows(`SELECT 1 FROM scheduler_lease WHERE epoch > ${epoch}`);
    expect(performance.now() - frozenAtMs).toBeLessThan(8_000);
    await bench.rows('UPDATE deployments SET paused = true WHERE id = $1', [deploymentId]);
    await untilRows('SELECT 1 WHERE NOT EXISTS (SELECT FROM assignments)');
    const written = await everythingWritten();

    old.child.kill('SIGCONT');
    await passesAgain(old);
    expect(await everythingWritten()).toEqual(written);
    expect(await metric(old, 'millrace_scheduler_leader')).toBe(0);
    runner.client.close();
    for (const { child } of [old, standby]) {
      child.kill('SIGTERM');
      await once(child, 'exit');
    }
  });
});

/** Lets the leader begin to apply a change, and freezes it inside that transaction. */
async function freezeInTransaction(child: ChildProcess): Promise<void> {
  const holding = bench.dataSource.createQueryRunner();
  await holding.startTransaction();
  await holding.query('SELECT FROM runners FOR UPDATE');
  await bench.rows('UPDATE deployments SET max_replicas = 2, min_replicas = 2, generation = generation + 1');
  await untilRows(
    `SELECT 1 FROM pg_stat_activity
     WHERE application_name = 'millrace-scheduler' AND wait_event_type = 'Lock' AND query LIKE '%generation + 1%'`,
  );
  child.kill('SIGSTOP');
  await holding.commitTransaction();
  await holding.release();
}

/** All that a leader writes, but for what it notices of runners' health. */
async function everythingWritten(): Promise<unknown[]> {
  return Promise.all([
    bench.rows('SELECT * FROM assignments ORDER BY replica_id'),
    bench.rows('SELECT replica_id, bytes, basis, epoch FROM device_reservations ORDER BY replica_id'),
    bench.rows(`SELECT id, action, epoch FROM scheduler_decisions WHERE action <> 'health' ORDER BY id`),
    bench.rows('SELECT id, generation, epoch FROM runners ORDER BY id'),
  ]);
}

async function untilRows(query: string): Promise<void> {
  while ((await bench.rows(query)).length === 0);
}

/** Waits until the process has finished two more passes, whatever became of them. */
async function passesAgain(scheduler: SchedulerProcess): Promise<void> {
  const passes = () => metric(scheduler, 'millrace_scheduler_passes_total');
  const before = await passes();
  while ((await passes()) < before + 2);
}

/** The sum of a metric over its labels. */
async function metric({ healthAddress }: SchedulerProcess, name: string): Promise<number> {
  const text = await (await fetch(`http://${healthAddress}/metrics`)).text();
  const values = text.split('\n').filter((line) => line.startsWith(name));
  return values.reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}
