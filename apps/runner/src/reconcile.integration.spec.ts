import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EngineDriver, EngineReplica } from '@millrace/adapters/engines';
import { ReplicaState, type ReplicaAssignment, type ReplicaObservation } from '@millrace/contracts/runner-protocol';
import { createLogger } from '@millrace/platform/observability';
import { OwnerLinks } from './owner-links.js';
import { HostedReplicas } from './reconcile.js';

const redisUrl = process.env['TEST_REDIS_URL'] ?? '';
let folder: string;
let runner: Awaited<ReturnType<typeof host>>;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-reconcile-'));
  runner = await host();
});

afterEach(async () => {
  await runner.replicas.stopAll(0);
  await rm(folder, { recursive: true });
});

/** A runner with an engine that only counts, and what it has reported. */
async function host() {
  const artifact = join(folder, 'weights.gguf');
  await writeFile(artifact, 'GGUF');
  const engine = { loads: 0, stops: 0 };
  const replica = {
    ...{ slots: 2, contextLength: 64, measuredBytes: 1_000, pid: 1 },
    exited: new Promise(() => undefined),
    stop: async () => Promise.resolve(void (engine.stops += 1)),
    endWithRunner: () => undefined,
  };
  const load = async () => Promise.resolve(((engine.loads += 1), replica as unknown as EngineReplica));
  const driver = { engine: 'counting', load } as unknown as EngineDriver;
  const seen: ReplicaObservation[] = [];
  let heard: () => void = () => undefined;
  const tools = {
    drivers: new Map([['counting', driver]]),
    redisUrl,
    links: new OwnerLinks('credential', () => undefined),
    skippedOwners: new Map<string, number>(),
    pacer: { idle: true, later: () => undefined },
    artifacts: { cacheFolder: folder, hubUrl: 'http://127.0.0.1:1' },
    logger: createLogger('test', 'silent'),
  };
  const replicas = new HostedReplicas(tools, (_assignment, observation) => {
    seen.push(observation);
    heard();
  });
  const untilSeen = async (state: ReplicaState): Promise<ReplicaObservation> => {
    for (;;) {
      const found = seen.find((observation) => observation.state === state);
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => (heard = resolve));
    }
  };
  const spec = { modelName: 'm', artifact, engine: 'counting', engineOptions: '', contextLength: 64, slots: 2 };
  const assignment = (parts: Partial<ReplicaAssignment> = {}): ReplicaAssignment => ({
    ...{ replicaId: 'rep_1', deploymentId: 'dep_1', deviceKey: 'gpu-0', peerDeviceKeys: [], reservedBytes: 0 },
    ...{ spec, draining: false, drainWithinMs: 0 },
    ...parts,
  });
  const wish = (generation: number, assignments: ReplicaAssignment[], epoch = 1) =>
    replicas.reconcile({ epoch, generation, replicas: assignments, drainMs: 1_000 });
  return { replicas, engine, seen, untilSeen, assignment, wish };
}

describe('a replica that drains', () => {
  it('stops once it is idle, and is not started again while its assignment still names it', async () => {
    const { replicas, engine, untilSeen, assignment, wish } = runner;
    wish(1, [assignment()]);
    await untilSeen(ReplicaState.REPLICA_STATE_READY);
    wish(2, [assignment({ draining: true, drainWithinMs: 60_000 })]);
    await untilSeen(ReplicaState.REPLICA_STATE_DRAINING);
    await untilSeen(ReplicaState.REPLICA_STATE_STOPPED);
    while (replicas.observations().length > 0) await Promise.resolve();
    wish(3, [assignment({ draining: true, drainWithinMs: 50_000 })]);
    expect(replicas.observations()).toEqual([]);
    expect(engine).toEqual({ loads: 1, stops: 1 });
  });

  it('is not loaded by a runner that does not have it', () => {
    const { replicas, engine, assignment, wish } = runner;
    wish(1, [assignment({ draining: true, drainWithinMs: 60_000 })]);
    expect([replicas.observations(), engine.loads]).toEqual([[], 0]);
  });
});

describe('a runner', () => {
  it('reports since when a replica serves, and what it holds of each device of its group', async () => {
    const { replicas, untilSeen, assignment, wish } = runner;
    wish(1, [assignment({ peerDeviceKeys: ['gpu-1'] })]);
    const ready = await untilSeen(ReplicaState.REPLICA_STATE_READY);
    expect(ready).toMatchObject({ inFlight: 0, readyForMs: expect.any(Number) as number });
    expect(ready.readyForMs).toBeLessThan(60_000);
    expect(['gpu-0', 'gpu-1', 'gpu-2'].map((key) => replicas.heldBytes(key))).toEqual([500, 500, 0]);
  });

  it('keeps the highest epoch and generation that it saw: what a deposed leader says changes nothing', async () => {
    const { replicas, untilSeen, assignment, wish } = runner;
    wish(1, [assignment()], 7);
    await untilSeen(ReplicaState.REPLICA_STATE_READY);
    wish(9, [], 6);
    wish(0, [], 7);
    expect(replicas.observed).toEqual({ epoch: 7, generation: 1 });
    expect(replicas.observations()).toMatchObject([{ state: ReplicaState.REPLICA_STATE_READY }]);
  });
});
