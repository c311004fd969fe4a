import OpenAI from 'openai';
import { identifyProcess, isAlive } from '@millrace/platform/process-identity';
import { eventually } from './eventually.js';
import type { DevFacts } from './npm-start.js';
import { childrenOf } from './process-tree.js';
import { startMillrace, type RunningMillrace } from './running-millrace.js';
import { readMetric, serveBeside, type ServedProcess } from './served-process.js';
import { usageOf } from './stored-rows.js';

const LIMIT_MS = 120_000;
const WITHIN_10_S = 10_000;
/** More than one replica has slots, so that both must help. */
const CALLS = 24;

const story = {
  model: 'millrace-tiny',
  messages: [{ role: 'user' as const, content: 'Tell me a story about a fox.' }],
  temperature: 0,
};

let millrace: RunningMillrace;
let dev: DevFacts;
let undisturbed: string;
const served: ServedProcess[] = [];

async function serve(name: 'api' | 'runner', environment: Record<string, string> = {}): Promise<ServedProcess> {
  const process = await serveBeside(millrace.home, name, environment);
  served.push(process);
  return process;
}

/** A runner whose replica is loaded. */
async function serveRunner(name: string, environment: Record<string, string> = {}): Promise<ServedProcess> {
  const runner = await serve('runner', { MILLRACE_RUNNER_NAME: name, ...environment });
  await eventually('the replica of the runner is ready', LIMIT_MS, async () =>
    (await readMetric(runner.url, 'millrace_replicas', 'state="ready"')) === 1 ? true : undefined,
  );
  return runner;
}

function clientOf(baseUrl: string): OpenAI {
  return new OpenAI({ baseURL: `${baseUrl}/v1`, apiKey: dev.apiKey, maxRetries: 0 });
}

/** Streams the story to its end; `onText` hears every piece. */
async function streamStory(
  baseUrl: string,
  onText: () => void = () => undefined,
): Promise<{ id: string; text: string }> {
  const heard = { id: '', text: '' };
  for await (const chunk of await clientOf(baseUrl).chat.completions.create({ ...story, stream: true })) {
    heard.id = chunk.id;
    const content = chunk.choices[0]?.delta.content ?? '';
    heard.text += content;
    if (content !== '') onText();
  }
  return heard;
}

function streamStories(count: number, baseUrl: string, onText?: () => void) {
  return Promise.all(Array.from({ length: count }, () => streamStory(baseUrl, onText)));
}

/** A signal to do something once, at the first of many events. */
function atFirst(act: () => void): () => void {
  let isDone = false;
  return () => {
    if (isDone) return;
    isDone = true;
    act();
  };
}

beforeAll(async () => {
  millrace = await startMillrace();
  dev = await millrace.devJson();
  undisturbed = (await streamStory(dev.baseUrl)).text;
}, LIMIT_MS);

afterAll(async () => {
  for (const process of served) process.kill();
  await millrace.stop();
});

describe('a second runner and a second API process', () => {
  it(
    'share the work: both runners serve jobs of both API processes',
    async () => {
      const runner = await serveRunner('second');
      const api = await serve('api');
      const upAtMs = performance.now();
      expect((await streamStory(api.url)).text).toBe(undisturbed);
      expect(performance.now() - upAtMs).toBeLessThan(5_000);
      for (const baseUrl of [api.url, dev.baseUrl]) {
        const before = await readMetric(runner.url, 'millrace_attempts_total');
        for (const { text } of await streamStories(CALLS, baseUrl)) expect(text).toBe(undisturbed);
        const share = (await readMetric(runner.url, 'millrace_attempts_total')) - before;
        expect(share).toBeGreaterThan(0);
        expect(share).toBeLessThan(CALLS);
      }
      expect(await readMetric(api.url, 'millrace_jobs_total', 'outcome="completed"')).toBe(CALLS + 1);
      expect(await readMetric(api.url, 'millrace_links')).toBe(2);
      expect((await fetch(`${runner.url}/readyz`)).status).toBe(200);
      expect([await runner.stop(), await api.stop()]).toEqual([0, 0]);
    },
    LIMIT_MS,
  );
});

describe('a runner that is asked to stop in mid-stream', () => {
  it(
    'hands over what outlasts its grace; callers read the whole answer, and nothing of it is left running',
    async () => {
      const runner = await serveRunner('leaving', { MILLRACE_STOP_GRACE_MS: '1' });
      const engines = await Promise.all((await childrenOf(runner.pid)).map(identifyProcess));
      expect(engines.length).toBeGreaterThan(0);
      let stopped: Promise<number | null> | undefined;
      const isBusy = async () =>
        (await readMetric(runner.url, 'millrace_slots', 'state="used"')) > 0 ? true : undefined;
      const stop = atFirst(() => {
        stopped = eventually('the runner generates', WITHIN_10_S, isBusy).then(() => runner.stop());
      });
      const streams = await streamStories(CALLS, dev.baseUrl, stop);
      for (const { text } of streams) expect(text).toBe(undisturbed);
      const usages = await Promise.all(streams.map(({ id }) => usageOf(dev.databaseUrl, id)));
      expect(usages.every(({ outcome }) => outcome === 'completed')).toBe(true);
      expect(usages.some(({ attempts }) => attempts > 1)).toBe(true);
      expect(await stopped).toBe(0);
      await eventually('its engines are gone', WITHIN_10_S, async () =>
        (await Promise.all(engines.map(isAlive))).includes(true) ? undefined : true,
      );
    },
    LIMIT_MS,
  );
});
