import OpenAI from 'openai';
import { watchRunners, type RunnerProcess } from './engine-work.js';
import { eventually } from './eventually.js';
import { startMillrace, type RunningMillrace } from './running-millrace.js';
import type { DevFacts } from './npm-start.js';
import { replicasReady, SecondRunner } from './second-runner.js';
import { query, usageOf } from './stored-rows.js';

/** Answers of about two seconds, half of one before the first token. */
const OPTIONS = { timeToFirstTokenMs: 500, tokensPerSecond: 50, answerTokens: 80, slots: 4 };
const LIMIT_MS = 60_000;
/** Texts that a caller has read when an answer is disturbed in its middle. */
const SOME_TEXTS = 5;

const story = { model: 'rehearsal', messages: [{ role: 'user' as const, content: 'A story.' }], temperature: 0 };

let millrace: RunningMillrace;
let dev: DevFacts;
let client: OpenAI;
let second: SecondRunner;
let undisturbed: { text: string; tokens: number | undefined };

async function runnerPids(): Promise<number[]> {
  return [(await millrace.devJson()).pids.runner, second.pid];
}

/** The runner that has the only job there is. */
async function theOneThatWorks(watch: { working(): Promise<RunnerProcess[]> }): Promise<RunnerProcess> {
  return eventually('a runner works', LIMIT_MS, async () => {
    const [one, ...others] = await watch.working();
    expect(others).toEqual([]);
    return one;
  });
}

/** Asks for the story and does something to its runner before the first token is there. */
async function askDisturbed(disturb: (runner: RunnerProcess) => void): Promise<{ id: string; text: string }> {
  const watch = await watchRunners(millrace.home, await runnerPids());
  const answer = client.chat.completions.create(story);
  disturb(await theOneThatWorks(watch));
  const { id, choices } = await answer;
  return { id, text: choices[0]?.message.content ?? '' };
}

/** Streams the story and does something to its runner once some text has come. */
async function streamDisturbed(disturb: (runner: RunnerProcess) => void): Promise<{ id: string; text: string }> {
  const watch = await watchRunners(millrace.home, await runnerPids());
  const stream = await client.chat.completions.create({ ...story, stream: true });
  const heard = { id: '', text: '' };
  let texts = 0;
  const finishes: string[] = [];
  for await (const { id, choices } of stream) {
    heard.id = id;
    heard.text += choices[0]?.delta.content ?? '';
    if (choices[0]?.finish_reason) finishes.push(choices[0].finish_reason);
    texts += 1;
    if (texts === SOME_TEXTS) disturb(await theOneThatWorks(watch));
  }
  expect(finishes).toEqual(['stop']);
  return heard;
}

/** Both runners serve: answers asked for together come from both. */
async function expectBothToServe(): Promise<void> {
  await replicasReady(dev.databaseUrl, 2);
  const watch = await watchRunners(millrace.home, await runnerPids());
  const together = Array.from({ length: 2 * OPTIONS.slots }, () => client.chat.completions.create(story));
  for (const answer of await Promise.all(together)) expect(answer.choices[0]?.message.content).toBe(undisturbed.text);
  expect(await watch.working()).toHaveLength(2);
}

beforeAll(async () => {
  millrace = await startMillrace({
    MILLRACE_MODEL: 'simulated:rehearsal',
    MILLRACE_ENGINE_OPTIONS: JSON.stringify(OPTIONS),
  });
  dev = await millrace.devJson();
  client = new OpenAI({ baseURL: `${dev.baseUrl}/v1`, apiKey: dev.apiKey, maxRetries: 0 });
  second = new SecondRunner(millrace.home, dev);
  second.start();
  await replicasReady(dev.databaseUrl, 2);
  const plain = await client.chat.completions.create(story);
  undisturbed = { text: plain.choices[0]?.message.content ?? '', tokens: plain.usage?.completion_tokens };
}, LIMIT_MS);

afterAll(async () => {
  await second.stop();
  await millrace.stop();
}, LIMIT_MS);

describe.each(['SIGKILL', 'SIGSTOP'] as const)('a runner that gets %s', (signal) => {
  it.each([
    ['before the first token makes its caller wait for another runner', askDisturbed],
    ['in mid-stream leaves a pause, and another runner goes on with the same text', streamDisturbed],
  ])(
    '%s',
    async (_, answerDisturbed) => {
      let victim = 0;
      const { id, text } = await answerDisturbed(({ pid }) => {
        victim = pid;
        process.kill(pid, signal);
      }).finally(() => {
        if (signal === 'SIGSTOP' && victim !== 0) process.kill(victim, 'SIGCONT');
      });
      expect(text).toBe(undisturbed.text);
      const usage = { attempts: 2, outcome: 'completed', completionTokens: undisturbed.tokens };
      expect(await usageOf(dev.databaseUrl, id)).toMatchObject(usage);
      second.keep();
      await expectBothToServe();
      expect(await usageOf(dev.databaseUrl, id)).toMatchObject(usage);
    },
    LIMIT_MS,
  );
});

describe('a Redis that dies while an answer is on its way', () => {
  it(
    'is not noticed by its caller, and the job runs once',
    async () => {
      const { redis } = (await millrace.devJson()).pids;
      const { id, text } = await streamDisturbed(() => process.kill(redis, 'SIGKILL'));
      expect(text).toBe(undisturbed.text);
      expect(await usageOf(dev.databaseUrl, id)).toMatchObject({ attempts: 1, outcome: 'completed' });
      await eventually('Redis is back', LIMIT_MS, async () => {
        const { pids } = await millrace.devJson();
        return pids.redis === redis ? undefined : true;
      });
      client.maxRetries = 8;
      await expectBothToServe();
    },
    LIMIT_MS,
  );
});

describe('a question that kills every engine', () => {
  it(
    'fails after five attempts with one clear error, and the engines serve again',
    async () => {
      const messages = [{ role: 'user' as const, content: 'A story. [simulated: crash after 0 tokens]' }];
      const asked = client.chat.completions.create({ ...story, messages }, { maxRetries: 0 });
      await expect(asked).rejects.toMatchObject({
        status: 500,
        code: 'generation_failed',
        message: expect.stringMatching(/Every attempt to generate the answer failed\. The engine/) as string,
      });
      const [failed] = await eventually('the failed job is metered', LIMIT_MS, async () => {
        const rows = await query<{ attempts: number }>(
          dev.databaseUrl,
          `SELECT attempts FROM usage_records WHERE outcome = 'failed'`,
        );
        return rows.length > 0 ? rows : undefined;
      });
      expect(failed).toEqual({ attempts: 5 });
      await expectBothToServe();
    },
    LIMIT_MS,
  );
});
