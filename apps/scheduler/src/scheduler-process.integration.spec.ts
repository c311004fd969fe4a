import { FleetClient } from '@millrace/adapters/fleet';
import { RunnerStore } from '@millrace/adapters/postgres';
import { EstimateBasis, type Assignments } from '@millrace/contracts/runner-protocol';
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

beforeAll(async () => {
  await build();
  bench = await openBench();
});

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
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
  const { credential } = await client.join({ joinToken, runnerName, labels: {} });
  const heard: Assignments[] = [];
  let waiting: (() => void) | undefined;
  const stream = client.sync({
    credential,
    hello: { bootId: 'boot', version: '1', engines: ['llama-cpp'], labels: {} },
    onAssignments: (assignments) => {
      heard.push(assignments);
      waiting?.();
    },
    onApiDirectory: () => undefined,
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
  stream.sendHeartbeat({
    devices: [{ deviceKey: 'cpu', deviceType: 'cpu', totalBytes: 16 * GIBIBYTE, freeBytes: 16 * GIBIBYTE }],
    replicas: [],
    observedGeneration: 0,
    observedEpoch: 0,
  });
  const untilAssigned = async (replicas: number): Promise<Assignments> => {
    for (;;) {
      const newest = heard.at(-1);
      if (newest?.replicas.length === replicas) return newest;
      await new Promise<void>((resolve) => (waiting = resolve));
    }
  };
  return { client, untilAssigned };
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
});
