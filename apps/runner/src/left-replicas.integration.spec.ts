import { spawn } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EngineDriver, EngineReplica, KeptEngine } from '@millrace/adapters/engines';
import { Assignments, ReplicaAssignment, ReplicaState } from '@millrace/contracts/runner-protocol';
import { newId } from '@millrace/platform/ids';
import { createLogger } from '@millrace/platform/observability';
import { identifyProcess } from '@millrace/platform/process-identity';
import { testRedisUrl } from '@millrace/testing';
import { OwnerLinks } from './owner-links.js';
import { HostedReplicas } from './reconcile.js';

/** An engine that says how it came to a replica, and that cannot adopt when `isGone`. */
class RecordedEngine {
  readonly engine = 'recorded';
  readonly asked: string[] = [];
  isGone = false;

  async adopt({ replicaId }: KeptEngine): Promise<EngineReplica> {
    this.asked.push(`adopt ${replicaId}`);
    if (this.isGone) throw new Error('it is gone');
    return this.replica();
  }

  async load(): Promise<EngineReplica> {
    this.asked.push('load');
    return this.replica();
  }

  private replica(): EngineReplica {
    let end!: (exit: { expected: boolean; message: string }) => void;
    const exited = new Promise<{ expected: boolean; message: string }>((resolve) => (end = resolve));
    const facts = { slots: 2, contextLength: 64, measuredBytes: 1, pid: 1, notKept: undefined };
    return {
      ...{ ...facts, exited },
      generate: () => {
        throw new Error('nobody asks');
      },
      endWithRunner: () => undefined,
      stop: async () => end({ expected: true, message: '' }),
    };
  }
}

describe('replicas that a former process of the runner has left', () => {
  const changed = new EventEmitter();
  let folder: string;
  let driver: RecordedEngine;
  let replicas: HostedReplicas;

  const assignmentOf = (replicaId: string): ReplicaAssignment =>
    ReplicaAssignment.fromPartial({
      ...{ replicaId, deploymentId: newId('dep'), deviceKey: 'cpu' },
      spec: { modelName: 'm', artifact: join(folder, 'weights.gguf'), engine: 'recorded', slots: 2 },
    });
  const kept = (replicaId: string, more: Partial<KeptEngine> = {}): KeptEngine => ({
    ...{ protocol: 1, pid: 0, startedAt: 'long ago', token: 'secret', runnerId: 'run_1', replicaId, epoch: 5 },
    ...{ generation: 8, engine: 'recorded', artifactPath: '', folder, assignment: assignmentOf(replicaId) },
    ...more,
  });
  const wish = (fence: { epoch: number; generation: number }, ...replicaIds: string[]): Assignments =>
    Assignments.fromPartial({ ...fence, replicas: replicaIds.map(assignmentOf) });
  const states = (): Record<string, ReplicaState> =>
    Object.fromEntries(replicas.observations().map(({ replicaId, state }) => [replicaId, state]));
  const untilReady = async (...replicaIds: string[]): Promise<void> => {
    while (replicaIds.some((id) => states()[id] !== ReplicaState.REPLICA_STATE_READY)) await once(changed, 'change');
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-left-'));
    await writeFile(join(folder, 'weights.gguf'), 'GGUF');
    driver = new RecordedEngine();
    const tools = {
      drivers: new Map([['recorded', driver as unknown as EngineDriver]]),
      redisUrl: testRedisUrl(),
      links: new OwnerLinks('credential', () => undefined),
      skippedOwners: new Map<string, number>(),
      pacer: { idle: true, later: () => undefined },
      artifacts: { cacheFolder: folder, hubUrl: 'http://127.0.0.1:1' },
      logger: createLogger('test', 'silent'),
    };
    replicas = new HostedReplicas(tools, () => changed.emit('change'));
  });

  afterEach(async () => {
    await replicas.stopAll(0);
    await rm(folder, { recursive: true });
  });

  it('are ready without a load and before any assignment, which then changes nothing', async () => {
    replicas.adopt([kept('rep_a'), kept('rep_b')]);
    await untilReady('rep_a', 'rep_b');
    replicas.reconcile(wish({ epoch: 5, generation: 9 }, 'rep_a', 'rep_b'));
    expect(driver.asked).toEqual(['adopt rep_a', 'adopt rep_b']);
    expect(replicas.observations()).toMatchObject([{ loadMs: 0, slots: 2 }, { loadMs: 0 }]);
  });

  it('are stopped when the newest assignments do not name them', async () => {
    replicas.adopt([kept('rep_a'), kept('rep_b')]);
    await untilReady('rep_a', 'rep_b');
    replicas.reconcile(wish({ epoch: 6, generation: 1 }, 'rep_b'));
    while (states()['rep_a'] !== undefined) await once(changed, 'change');
    expect(states()).toEqual({ rep_b: ReplicaState.REPLICA_STATE_READY });
  });

  it('do not follow assignments that are older than those they were loaded for, and report what was seen since', async () => {
    replicas.adopt([kept('rep_a', { generation: 7 }), kept('rep_b')]);
    await untilReady('rep_a', 'rep_b');
    replicas.reconcile(wish({ epoch: 4, generation: 99 }));
    replicas.reconcile(wish({ epoch: 5, generation: 7 }));
    expect(Object.keys(states())).toEqual(['rep_a', 'rep_b']);
    expect(replicas.observed).toEqual({ epoch: 0, generation: 0 });
  });

  it('are loaded when their engine cannot be had', async () => {
    driver.isGone = true;
    replicas.adopt([kept('rep_a')]);
    await untilReady('rep_a');
    expect(driver.asked).toEqual(['adopt rep_a', 'load']);
  });

  it('have one engine each: a second one is ended', async () => {
    const second = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] });
    const ended = once(second, 'exit');
    replicas.adopt([kept('rep_a'), kept('rep_a', await identifyProcess(second.pid ?? 0))]);
    await untilReady('rep_a');
    expect(await ended).toEqual([null, 'SIGKILL']);
    expect(driver.asked).toEqual(['adopt rep_a']);
  });
});
