import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeEngineDriver } from '@millrace/testing';
import { build } from '../../../../../tools/build.mjs';
import type { EngineReplica, GenerateRequest, ReplicaSettings } from '../engine-driver.js';
import { createLlamaCppDriver } from './llama-cpp-driver.js';

const ROOT = join(import.meta.dirname, '../../../../..');
const MODEL = join(ROOT, 'models/millrace-tiny.gguf');
const SETTINGS: ReplicaSettings = { modelName: 'millrace-tiny', artifactPath: MODEL, slots: 8, engineOptions: {} };
const NEVER = new AbortController().signal;

const STORY: GenerateRequest = {
  messages: [{ role: 'user', content: 'Tell me a story about a dragon.' }],
  sampling: { temperature: 0, topP: 1 },
  stop: [],
  renderedAtMs: 0,
  deliveredTokenIds: [],
  deliveredBytes: 0,
};

let folder: string;

beforeAll(async () => {
  await build();
  folder = await mkdtemp(join(tmpdir(), 'millrace-engines-'));
});
afterAll(async () => rm(folder, { recursive: true }));

describeEngineDriver('llama-cpp', async () => {
  const truncatedArtifactPath = join(folder, 'truncated.gguf');
  await writeFile(truncatedArtifactPath, (await readFile(MODEL)).subarray(0, 4_000_000));
  return {
    createDriver: createLlamaCppDriver,
    settings: SETTINGS,
    broken: { ...SETTINGS, artifactPath: truncatedArtifactPath },
    known: { question: 'What is the capital of France?', answer: 'Paris' },
    story: 'Tell me a story about a dragon.',
    // When they collected garbage last.
    processSpreadBytes: 8 * 1024 ** 2,
  };
});

describe('the llama-cpp driver', () => {
  it('takes threads from the engine options', async () => {
    const driver = createLlamaCppDriver();
    const replica = await driver.load({ ...SETTINGS, slots: 1, engineOptions: { threads: 2 } }, () => undefined, NEVER);
    await replica.stop();
  });

  it('caps the context at what the model was trained for', async () => {
    const estimate = await createLlamaCppDriver().estimate({ ...SETTINGS, contextLength: 65_536 });
    expect(estimate.contextLength).toBe(1024);
  });

  it('reads a long prompt in steps and stops reading when cancelled', async () => {
    const driver = createLlamaCppDriver();
    const replica = await driver.load(SETTINGS, () => undefined, NEVER);
    const controller = new AbortController();
    const long = { ...STORY, messages: [{ role: 'user', content: 'word '.repeat(900) }] };
    setImmediate(() => controller.abort());
    expect(await finish(replica, long, controller.signal)).toMatchObject({
      reason: 'cancelled',
      usage: { completionTokens: 0 },
    });
    await replica.stop();
  });

  it('leaves no engine process behind when its own process is killed', async () => {
    const driver = join(ROOT, 'dist/libs/adapters/engines/src/index.js');
    const script = join(folder, 'parent.mjs');
    await writeFile(
      script,
      `import { createLlamaCppDriver } from ${JSON.stringify(driver)};
       const never = new AbortController().signal;
       const replica = await createLlamaCppDriver().load(${JSON.stringify(SETTINGS)}, () => undefined, never);
       process.send(replica.pid);
       for await (const event of replica.generate(${JSON.stringify(STORY)}, never)) process.send(event.kind);`,
    );
    const parent = fork(script, [], { execArgv: [], env: {} });
    const enginePid = await message(parent);
    expect(await message(parent)).toBe('chunk');
    parent.kill('SIGKILL');
    await untilGone(Number(enginePid));
  });
});

async function finish(replica: EngineReplica, request: GenerateRequest, signal: AbortSignal): Promise<unknown> {
  for await (const event of replica.generate(request, signal)) {
    if (event.kind === 'finished') return event;
  }
  throw new Error('The answer ended without a finished event.');
}

async function message(parent: ChildProcess): Promise<unknown> {
  const [value] = (await once(parent, 'message')) as unknown[];
  return value;
}

/** Waits until a process that is not our child has ended; jest's own limit is the deadline. */
async function untilGone(pid: number): Promise<void> {
  await new Promise<void>((resolve) => {
    const poll = setInterval(() => {
      if (isRunning(pid)) return;
      clearInterval(poll);
      resolve();
    }, 10);
  });
}

/** A process that nobody waits for stays in the table as a zombie; it holds nothing any more. */
function isRunning(pid: number): boolean {
  try {
    return !/\) Z /.test(readFileSync(`/proc/${String(pid)}/stat`, 'utf8'));
  } catch (error) {
    if (error instanceof Object && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
}
