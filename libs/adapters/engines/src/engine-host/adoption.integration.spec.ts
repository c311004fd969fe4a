import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identifyProcess, isAlive, type ProcessIdentity } from '@millrace/platform/process-identity';
import { ask, read } from '@millrace/testing';
import { build } from '../../../../../tools/build.mjs';
import { createLlamaCppDriver } from '../llama-cpp/llama-cpp-driver.js';
import { createSimulatedDriver } from '../simulated/simulated-driver.js';
import type { EngineReplica, KeepReplica, ReplicaSettings } from '../engine-driver.js';
import { findKeptEngines, prepareEngineFolder, recordOf, socketOf, type KeptEngine } from './kept-engines.js';

const HERE = import.meta.dirname;
const FORMER_RUNNER = join(HERE, '../../test/former-runner.mjs');
const TINY = join(HERE, '../../../../../models/millrace-tiny.gguf');
const STORY = ask('Tell me a story about a dragon.');
const NEVER = new AbortController().signal;
/** Long enough for a host on a busy machine to say that it is taken. */
const PATIENT_MS = 3_000;

/** One slot, whose answer would take hours. */
const ENDLESS: ReplicaSettings = {
  modelName: 'endless',
  artifactPath: 'simulated:endless',
  slots: 1,
  contextLength: 1_000_000,
  engineOptions: { timeToFirstTokenMs: 0, tokensPerSecond: 100, answerTokens: 1_000_000 },
};
const TINY_SETTINGS: ReplicaSettings = {
  modelName: 'millrace-tiny',
  artifactPath: TINY,
  slots: 2,
  contextLength: 256,
  engineOptions: {},
};

let folder: string;
const runners: ChildProcess[] = [];
const adopted: EngineReplica[] = [];

/** A process of the runner that has loaded a replica which is to be kept. */
class FormerRunner {
  private constructor(
    private readonly process: ChildProcess,
    readonly engine: ProcessIdentity,
  ) {}

  static async load(engine: string, settings: ReplicaSettings, keep: Partial<KeepReplica> = {}): Promise<FormerRunner> {
    const process = fork(FORMER_RUNNER, [], { execArgv: [], env: {} });
    runners.push(process);
    const kept = { ...{ folder, runnerId: 'run_1', replicaId: 'rep_1', epoch: 3, generation: 7 }, waitMs: 60_000 };
    process.send({
      load: { engine, settings: { ...settings, keep: { ...kept, assignment: { some: 'wish' }, ...keep } } },
    });
    const [{ pid }] = (await once(process, 'message')) as [{ pid: number }];
    return new FormerRunner(process, await identifyProcess(pid));
  }

  /** Resolves when the answer has begun. */
  async generate(request: unknown): Promise<void> {
    this.process.send({ request });
    await once(this.process, 'message');
  }

  async endWithEngine(): Promise<void> {
    this.process.send({ leave: true });
    await once(this.process, 'message');
  }

  signal(name: NodeJS.Signals): void {
    this.process.kill(name);
  }

  async die(): Promise<void> {
    this.signal('SIGKILL');
    await once(this.process, 'exit');
  }
}

async function theKept(): Promise<KeptEngine> {
  const [kept, ...others] = await findKeptEngines(folder, 'run_1');
  expect(others).toEqual([]);
  if (kept === undefined) throw new Error('no engine process was found');
  return kept;
}

async function adopt(kept: KeptEngine, adoptLimitMs?: number): Promise<EngineReplica> {
  const limit = adoptLimitMs === undefined ? {} : { adoptLimitMs };
  const driver = kept.engine === 'simulated' ? createSimulatedDriver(limit) : createLlamaCppDriver(limit);
  const replica = await driver.adopt(kept);
  adopted.push(replica);
  return replica;
}

async function untilGone(process: ProcessIdentity): Promise<void> {
  while (await isAlive(process)) await new Promise((resolve) => setImmediate(resolve));
}

beforeAll(() => build());
beforeEach(async () => {
  folder = prepareEngineFolder(await mkdtemp(join(tmpdir(), 'millrace-engines-')));
});
afterEach(async () => {
  for (const runner of runners.splice(0)) runner.kill('SIGKILL');
  await Promise.all(adopted.splice(0).map((replica) => replica.stop()));
  await rm(folder, { recursive: true });
});

describe.each([
  ['llama-cpp', TINY_SETTINGS],
  ['simulated', { ...ENDLESS, slots: 2, engineOptions: { tokensPerSecond: 500, answerTokens: 60 } }],
])('a %s engine whose runner was killed', (engine, settings) => {
  it('goes on with the next process of the runner: the same process, the same answer, and it can be stopped', async () => {
    const former = await FormerRunner.load(engine, settings);
    await former.generate(STORY);
    await former.die();
    const replica = await adopt(await theKept());
    expect(replica).toMatchObject({ pid: former.engine.pid, slots: 2, notKept: undefined });
    const fresh = await (engine === 'simulated' ? createSimulatedDriver() : createLlamaCppDriver()).load(
      settings,
      () => undefined,
      NEVER,
    );
    adopted.push(fresh);
    expect(replica).toMatchObject({ contextLength: fresh.contextLength });
    expect((await read(replica, STORY)).text).toBe((await read(fresh, STORY)).text);
    await replica.stop();
    expect(await replica.exited).toMatchObject({ expected: true });
    await untilGone(former.engine);
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('an engine that is kept', () => {
  it('writes down what its runner needs to find it again, for this user only', async () => {
    const { engine } = await FormerRunner.load('simulated', ENDLESS);
    const kept = await theKept();
    expect(kept).toMatchObject({
      ...engine,
      ...{ runnerId: 'run_1', replicaId: 'rep_1', epoch: 3, generation: 7, engine: 'simulated' },
      ...{ artifactPath: 'simulated:endless', assignment: { some: 'wish' }, runnerPid: runners[0]?.pid },
    });
    for (const path of [recordOf(kept), socketOf(kept)]) expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
  });

  it('cancels the answers of a runner that is gone and frees their slots', async () => {
    const former = await FormerRunner.load('simulated', ENDLESS);
    await former.generate(STORY);
    await former.die();
    const answer = await read(await adopt(await theKept()), { ...STORY, maxCompletionTokens: 3 });
    expect(answer).toMatchObject({ reason: 'length', usage: { completionTokens: 3 } });
  });

  it('ends when no process of its runner comes in time', async () => {
    const former = await FormerRunner.load('simulated', ENDLESS, { waitMs: 50 });
    await former.die();
    await untilGone(former.engine);
    expect(await readdir(folder)).toEqual([]);
  });

  it('does not end once it was adopted in time', async () => {
    const former = await FormerRunner.load('simulated', ENDLESS, { waitMs: 1_000 });
    await former.die();
    const replica = await adopt(await theKept());
    const endless = read(replica, { ...STORY, maxCompletionTokens: 150 });
    expect(await endless).toMatchObject({ reason: 'length' });
  });

  it('ends at once when nobody is left who could start its runner again', async () => {
    const supervisor = await identifyProcess(process.pid);
    const gone = { ...supervisor, startedAt: 'long ago' };
    const former = await FormerRunner.load('simulated', ENDLESS, { supervisor: gone });
    await former.die();
    await untilGone(former.engine);
  });

  it('ends at once with a runner that was asked to stop', async () => {
    const former = await FormerRunner.load('simulated', ENDLESS);
    await former.endWithEngine();
    await former.die();
    await untilGone(former.engine);
    expect(await readdir(folder)).toEqual([]);
  });

  it('is loaded although its folder cannot be used, says so, and ends with its runner', async () => {
    const keep = { folder: join(folder, 'missing'), runnerId: 'run_1', replicaId: 'rep_1', epoch: 1, generation: 1 };
    const settings = { ...ENDLESS, keep: { ...keep, waitMs: 60_000, assignment: {} } };
    const replica = await createSimulatedDriver().load(settings, () => undefined, NEVER);
    adopted.push(replica);
    expect(replica.notKept).toMatch(/missing/);
  });
});

describe('an engine that is not to be taken', () => {
  it('stays with a runner that hangs, and goes to the one that waits when that one is killed', async () => {
    const former = await FormerRunner.load('simulated', ENDLESS);
    former.signal('SIGSTOP');
    const kept = await theKept();
    await expect(adopt(kept, PATIENT_MS)).rejects.toMatchObject({
      message: 'The engine process that was kept still belongs to another process of this runner.',
    });
    const waiting = adopt(kept);
    await former.die();
    expect(await waiting).toMatchObject({ pid: former.engine.pid });
  });

  it('is given to one of two processes that want it at once', async () => {
    const former = await FormerRunner.load('simulated', ENDLESS);
    await former.die();
    const kept = await theKept();
    const outcomes = await Promise.allSettled([adopt(kept, PATIENT_MS), adopt(kept, PATIENT_MS)]);
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('is not found by another runner, which leaves it alone', async () => {
    const former = await FormerRunner.load('simulated', ENDLESS);
    await former.die();
    expect(await findKeptEngines(folder, 'run_2')).toEqual([]);
    expect(await adopt(await theKept())).toMatchObject({ pid: former.engine.pid });
  });

  it('does not hear who does not know its token', async () => {
    const former = await FormerRunner.load('simulated', ENDLESS);
    await former.die();
    const kept = await theKept();
    await expect(adopt({ ...kept, token: 'x'.repeat(kept.token.length) })).rejects.toMatchObject({
      code: 'load_failed',
    });
    const stranger = createConnection(socketOf(kept));
    stranger.write(`${JSON.stringify([{ type: 'end' }])}\n`);
    await once(stranger, 'close');
    expect(await adopt(kept)).toMatchObject({ pid: former.engine.pid });
  });

  it('is another process with the same pid: it is neither adopted nor ended, and the file goes', async () => {
    const former = await FormerRunner.load('simulated', ENDLESS);
    const bystander = runners[0];
    const kept = await theKept();
    const reused = { ...kept, pid: bystander?.pid ?? 0 };
    await writeFile(recordOf(reused), JSON.stringify(reused));
    expect(await findKeptEngines(folder, 'run_1')).toMatchObject([{ pid: former.engine.pid }]);
    expect(bystander?.exitCode).toBeNull();
    await expect(readFile(recordOf(reused))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('is ended when it speaks another version of the protocol', async () => {
    const former = await FormerRunner.load('simulated', ENDLESS);
    const kept = await theKept();
    await writeFile(recordOf(kept), JSON.stringify({ ...kept, protocol: 0 }));
    expect(await findKeptEngines(folder, 'run_1')).toEqual([]);
    await untilGone(former.engine);
  });

  it('is ended when it gives no answer at all', async () => {
    const former = await FormerRunner.load('simulated', ENDLESS);
    await former.die();
    const kept = await theKept();
    process.kill(kept.pid, 'SIGSTOP');
    await expect(adopt(kept, 200)).rejects.toMatchObject({
      message: 'The engine process that was kept gave no answer; it was ended.',
    });
    await untilGone(former.engine);
  });

  it('has ended meanwhile', async () => {
    const former = await FormerRunner.load('simulated', ENDLESS);
    const kept = await theKept();
    process.kill(kept.pid, 'SIGKILL');
    await untilGone(former.engine);
    await expect(adopt(kept)).rejects.toMatchObject({ message: 'The engine process that was kept has ended.' });
    expect(await findKeptEngines(folder, 'run_1')).toEqual([]);
  });
});

describe('the folder of engines', () => {
  it('is refused when others may look into it', async () => {
    const open = await mkdtemp(join(tmpdir(), 'millrace-engines-'));
    await chmod(open, 0o755);
    expect(() => prepareEngineFolder(open)).toThrow(/has to belong to this user alone/);
    await rm(open, { recursive: true });
  });

  it('is refused when its path is too long for a socket', () => {
    expect(() => prepareEngineFolder(join(tmpdir(), 'x'.repeat(100)))).toThrow(/too long for sockets/);
  });
});
