import OpenAI from 'openai';
import { identifyProcess, isAlive, type ProcessIdentity } from '@millrace/platform/process-identity';
import { eventually } from './eventually.js';
import { engineOf, enginesIn } from './kept-engines.js';
import type { DevFacts } from './npm-start.js';
import { startMillrace, type RunningMillrace } from './running-millrace.js';
import { readMetric, serveBeside, type ServedProcess } from './served-process.js';
import { usageOf } from './stored-rows.js';

/** Answers of about two seconds, from engines that would take long to load again. */
const OPTIONS = { timeToFirstTokenMs: 100, tokensPerSecond: 50, answerTokens: 100, slots: 1, loadMs: 1_000 };
const LIMIT_MS = 120_000;
const SOON_MS = 30_000;
/** Far less than an engine waits for its runner. */
const WITHIN_10_S = 10_000;
const STARTS = 'millrace_replica_starts_total';

const story = { model: 'rehearsal', messages: [{ role: 'user' as const, content: 'A story.' }], temperature: 0 };

let millrace: RunningMillrace;
let dev: DevFacts;
let client: OpenAI;
let undisturbed: string;
const served: ServedProcess[] = [];

/** Streams the story and does something once when text has come. */
async function streamDisturbed(disturb: () => Promise<void>): Promise<{ id: string; text: string }> {
  const stream = await client.chat.completions.create({ ...story, stream: true });
  const heard = { id: '', text: '' };
  let disturbed: Promise<void> | undefined;
  for await (const { id, choices } of stream) {
    heard.id = id;
    heard.text += choices[0]?.delta.content ?? '';
    if (heard.text !== '') disturbed ??= disturb();
  }
  await disturbed;
  return heard;
}

/** The only engine there is, as the process that it is. */
async function theEngine(): Promise<ProcessIdentity> {
  const [engine, ...others] = await enginesIn(millrace.home);
  expect(others).toEqual([]);
  return identifyProcess(engine?.pid ?? 0);
}

async function serveRunner(name: string): Promise<ServedProcess> {
  const runner = await serveBeside(millrace.home, 'runner', { MILLRACE_RUNNER_NAME: name });
  served.push(runner);
  return runner;
}

async function engineOfRunner({ pid }: ServedProcess): Promise<ProcessIdentity> {
  const engine = await eventually('the runner has an engine', SOON_MS, () => engineOf(millrace.home, pid));
  return identifyProcess(engine.pid);
}

async function untilGone(process: ProcessIdentity): Promise<void> {
  await eventually('the process is gone', WITHIN_10_S, async () => ((await isAlive(process)) ? undefined : true));
}

beforeAll(async () => {
  millrace = await startMillrace({
    MILLRACE_MODEL: 'simulated:rehearsal',
    MILLRACE_ENGINE_OPTIONS: JSON.stringify(OPTIONS),
  });
  dev = await millrace.devJson();
  client = new OpenAI({ baseURL: `${dev.baseUrl}/v1`, apiKey: dev.apiKey, maxRetries: 0 });
  undisturbed = (await client.chat.completions.create(story)).choices[0]?.message.content ?? '';
}, LIMIT_MS);

afterAll(async () => {
  for (const runner of served) runner.kill();
  await millrace.stop();
}, LIMIT_MS);

describe('the runner of npm start', () => {
  it(
    'that is killed in mid-stream goes on with its engine: the caller reads the whole answer, and nothing is loaded',
    async () => {
      const engine = await theEngine();
      const killed = dev.pids.runner;
      const { id, text } = await streamDisturbed(async () => void process.kill(killed, 'SIGKILL'));
      expect(text).toBe(undisturbed);
      expect(await usageOf(dev.databaseUrl, id)).toMatchObject({ attempts: 2, outcome: 'completed' });
      const { runner } = (await millrace.devJson()).pids;
      expect(runner).not.toBe(killed);
      expect(await theEngine()).toEqual(engine);
      expect(await engineOf(millrace.home, runner)).toMatchObject({ pid: engine.pid });
    },
    LIMIT_MS,
  );

  it(
    'keeps its engine while the scheduler is killed and started again',
    async () => {
      const engine = await theEngine();
      const { scheduler } = (await millrace.devJson()).pids;
      const { text } = await streamDisturbed(async () => void process.kill(scheduler, 'SIGKILL'));
      expect(text).toBe(undisturbed);
      await eventually('another scheduler', SOON_MS, async () =>
        (await millrace.devJson()).pids.scheduler === scheduler ? undefined : true,
      );
      expect((await client.chat.completions.create(story)).choices[0]?.message.content).toBe(undisturbed);
      expect(await theEngine()).toEqual(engine);
    },
    LIMIT_MS,
  );
});

describe('two runners of one home', () => {
  it(
    'each find their own engine again, and end it at once when they are asked to stop',
    async () => {
      const former = await serveRunner('returning');
      const engine = await engineOfRunner(former);
      former.kill();
      const other = await serveRunner('other');
      const otherEngine = await engineOfRunner(other);
      expect(otherEngine).not.toEqual(engine);
      expect(await isAlive(engine)).toBe(true);
      const returned = await serveRunner('returning');
      expect(await engineOfRunner(returned)).toEqual(engine);
      expect(await readMetric(returned.url, STARTS, 'how="adopted"')).toBe(1);
      expect(await readMetric(returned.url, STARTS, 'how="loaded"')).toBe(0);
      expect(await Promise.all([returned.stop(), other.stop()])).toEqual([0, 0]);
      await Promise.all([engine, otherEngine].map(untilGone));
    },
    LIMIT_MS,
  );
});

describe('an engine that its runner has adopted', () => {
  it(
    'ends with the supervisor',
    async () => {
      const engine = await theEngine();
      const { supervisor } = (await millrace.devJson()).pids;
      process.kill(supervisor, 'SIGKILL');
      await untilGone(engine);
    },
    LIMIT_MS,
  );
});
