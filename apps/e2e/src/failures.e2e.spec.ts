import OpenAI from 'openai';
import { identifyProcess, isAlive, type ProcessIdentity } from '@millrace/platform/process-identity';
import { enginesIn } from './kept-engines.js';
import { startMillrace, type RunningMillrace } from './running-millrace.js';
import type { DevFacts } from './npm-start.js';
import { usageOf, type UsageRow } from './stored-rows.js';
import { ticketsWaiting } from './waiting-tickets.js';

/** The longest answer the model is known to give: a greedy story of about a hundred tokens. */
const story = {
  model: 'millrace-tiny',
  messages: [{ role: 'user' as const, content: 'Tell me a story about a fox.' }],
  temperature: 0,
};

/** Being noticed takes up to 20 s of it, each time that the signal comes in mid-stream or just too late. */
const FROZEN_LIMIT_MS = 120_000;

let millrace: RunningMillrace;
let dev: DevFacts;
let client: OpenAI;
let undisturbed: string;

/** Streams the story and runs `disturb` the moment the first text arrives. */
async function streamDisturbed(disturb: () => void): Promise<{ id: string; text: string; finishes: string[] }> {
  const stream = await client.chat.completions.create({ ...story, stream: true });
  const heard = { id: '', text: '', finishes: [] as string[] };
  for await (const chunk of stream) {
    const content = chunk.choices[0]?.delta.content ?? '';
    if (heard.text === '' && content !== '') disturb();
    heard.id = chunk.id;
    heard.text += content;
    const finish = chunk.choices[0]?.finish_reason;
    if (finish) heard.finishes.push(finish);
  }
  return heard;
}

/**
 * Sends a signal to what `findPids` names in the middle of a stream, and returns the usage of that stream. One that came
 * too late, after the last token, shows nothing: then the next answer, which needs the replacement, is disturbed instead.
 */
async function signalInMidStream(signal: NodeJS.Signals, findPids: () => Promise<number[]>): Promise<UsageRow> {
  for (;;) {
    const pids = await findPids();
    const heard = await streamDisturbed(() => {
      for (const pid of pids) process.kill(pid, signal);
    });
    expect(heard.text).toBe(undisturbed);
    expect(heard.finishes).toEqual(['stop']);
    const usage = await usageOf(dev.databaseUrl, heard.id);
    if (usage.attempts > 1) return usage;
    await client.chat.completions.create(story);
  }
}

beforeAll(async () => {
  millrace = await startMillrace();
  dev = await millrace.devJson();
  client = new OpenAI({ baseURL: `${dev.baseUrl}/v1`, apiKey: dev.apiKey, maxRetries: 0 });
  const plain = await client.chat.completions.create(story);
  undisturbed = plain.choices[0]?.message.content ?? '';
}, 120_000);

afterAll(async () => {
  await millrace.stop();
});

describe('a runner that is killed', () => {
  it('in mid-stream leaves a pause: its engine goes on, the text is the same, and its tokens are counted once', async () => {
    const engines = (await enginesIn(millrace.home)).map(({ pid }) => pid);
    const usage = await signalInMidStream('SIGKILL', async () => [(await millrace.devJson()).pids.runner]);
    const plain = await client.chat.completions.create(story);
    expect(usage.completionTokens).toBe(plain.usage?.completion_tokens);
    expect((await enginesIn(millrace.home)).map(({ pid }) => pid)).toEqual(engines);
  });

  it('before the first chunk means a later first token', async () => {
    const { runner } = (await millrace.devJson()).pids;
    process.kill(runner, 'SIGSTOP');
    const waiting = client.chat.completions.create(story);
    process.kill(runner, 'SIGKILL');
    expect((await waiting).choices[0]?.message.content).toBe(undisturbed);
  });
});

describe('the only runner, when it is frozen', () => {
  it(
    'in mid-stream leaves a pause: it is killed and started again, its engine goes on, and the text is the same',
    async () => {
      let frozen: ProcessIdentity | undefined;
      const engines = await enginesIn(millrace.home);
      const usage = await signalInMidStream('SIGSTOP', async () => {
        const { runner } = (await millrace.devJson()).pids;
        frozen = await identifyProcess(runner);
        return [runner];
      });
      expect(usage).toMatchObject({ attempts: 2, outcome: 'completed' });
      expect(millrace.output()).toContain('runner: it gave no sign for 15 s; it starts again in ');
      expect(frozen !== undefined && (await isAlive(frozen))).toBe(false);
      const { runner: runnerPid } = (await millrace.devJson()).pids;
      expect(await enginesIn(millrace.home)).toEqual(engines.map((engine) => ({ ...engine, runnerPid })));
    },
    FROZEN_LIMIT_MS,
  );
});

describe('an engine process that is killed', () => {
  it('is started again and the answer goes on', async () => {
    const usage = await signalInMidStream('SIGKILL', async () =>
      (await enginesIn(millrace.home)).map(({ pid }) => pid),
    );
    expect(usage.outcome).toBe('completed');
  });
});

describe('a scheduler that is killed', () => {
  it('is not noticed by callers', async () => {
    const { scheduler } = (await millrace.devJson()).pids;
    const heard = await streamDisturbed(() => process.kill(scheduler, 'SIGKILL'));
    expect(heard.text).toBe(undisturbed);
    const next = await client.chat.completions.create(story);
    expect(next.choices[0]?.message.content).toBe(undisturbed);
  });
});

describe('a Redis that is killed', () => {
  it('disturbs no running stream, and jobs that wait are served when it is back', async () => {
    const { redis, runner } = (await millrace.devJson()).pids;
    const heard = await streamDisturbed(() => process.kill(redis, 'SIGKILL'));
    expect(heard.text).toBe(undisturbed);
    const patient = new OpenAI({ baseURL: `${dev.baseUrl}/v1`, apiKey: dev.apiKey, maxRetries: 8 });
    process.kill(runner, 'SIGSTOP');
    const waiting = patient.chat.completions.create(story);
    await ticketsWaiting(dev.redisUrl, 1);
    process.kill((await millrace.devJson()).pids.redis, 'SIGKILL');
    process.kill(runner, 'SIGCONT');
    expect((await waiting).choices[0]?.message.content).toBe(undisturbed);
    // The API, which may reconnect later than the runner, takes new calls again as well.
    expect((await patient.chat.completions.create(story)).choices[0]?.message.content).toBe(undisturbed);
  });
});

describe('a Postgres that is killed', () => {
  it('disturbs no call of a known key, and the usage of such a call is settled when it is back, once', async () => {
    const before = (await millrace.devJson()).pids;
    process.kill(before.postgres, 'SIGKILL');
    const answer = await client.chat.completions.create(story);
    expect(answer.choices[0]?.message.content).toBe(undisturbed);
    const usage = await usageOf(dev.databaseUrl, answer.id);
    expect(usage).toMatchObject({ outcome: 'completed', completionTokens: answer.usage?.completion_tokens });
  });
});

describe('an API process that is killed', () => {
  it('ends its streams, is started again, and answers as before', async () => {
    const patient = new OpenAI({ baseURL: `${dev.baseUrl}/v1`, apiKey: dev.apiKey, maxRetries: 8 });
    // A stream whose last byte was sent before the kill does not end early: then the next one is disturbed.
    for (let hasEndedEarly = false; !hasEndedEarly;) {
      await patient.chat.completions.create(story);
      const { api } = (await millrace.devJson()).pids;
      hasEndedEarly = await streamDisturbed(() => process.kill(api, 'SIGKILL')).then(
        () => false,
        () => true,
      );
    }
    const next = await patient.chat.completions.create(story);
    expect(next.choices[0]?.message.content).toBe(undisturbed);
  });
});
