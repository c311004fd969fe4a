import OpenAI from 'openai';
import { childrenOf } from './process-tree.js';
import { startMillrace, type RunningMillrace } from './running-millrace.js';
import type { DevFacts } from './npm-start.js';
import { usageOf } from './stored-rows.js';
import { ticketsWaiting } from './waiting-tickets.js';

/** A greedy answer that takes a few hundred milliseconds, long enough to break something in its middle. */
const story = {
  model: 'millrace-tiny',
  messages: [{ role: 'user' as const, content: 'Tell me a story about a fox.' }],
};

let millrace: RunningMillrace;
let dev: DevFacts;
let client: OpenAI;
let undisturbed: string;

/** Streams the story and runs `disturb` the moment the first text arrives. */
async function streamDisturbed(disturb: () => void): Promise<{ id: string; text: string; finishes: string[] }> {
  const stream = await client.chat.completions.create({ ...story, temperature: 0, stream: true });
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

beforeAll(async () => {
  millrace = await startMillrace();
  dev = await millrace.devJson();
  client = new OpenAI({ baseURL: `${dev.baseUrl}/v1`, apiKey: dev.apiKey, maxRetries: 0 });
  const plain = await client.chat.completions.create({ ...story, temperature: 0 });
  undisturbed = plain.choices[0]?.message.content ?? '';
}, 120_000);

afterAll(async () => {
  await millrace.stop();
});

describe('a runner that is killed', () => {
  it('in mid-stream leaves a pause: the text is the same as without it, and its tokens are counted once', async () => {
    const { runner } = (await millrace.devJson()).pids;
    const heard = await streamDisturbed(() => process.kill(runner, 'SIGKILL'));
    expect(heard.text).toBe(undisturbed);
    expect(heard.finishes).toEqual(['stop']);
    const usage = await usageOf(dev.databaseUrl, heard.id);
    expect(usage.attempts).toBeGreaterThan(1);
    const plain = await client.chat.completions.create({ ...story, temperature: 0 });
    expect(usage.completionTokens).toBe(plain.usage?.completion_tokens);
  });

  it('before the first chunk means a later first token', async () => {
    const { runner } = (await millrace.devJson()).pids;
    process.kill(runner, 'SIGSTOP');
    const waiting = client.chat.completions.create({ ...story, temperature: 0 });
    process.kill(runner, 'SIGKILL');
    expect((await waiting).choices[0]?.message.content).toBe(undisturbed);
  });
});

describe('an engine process that is killed', () => {
  it('is started again and the answer goes on', async () => {
    const { runner } = (await millrace.devJson()).pids;
    const engines = await childrenOf(runner);
    expect(engines).toHaveLength(1);
    const heard = await streamDisturbed(() => engines.forEach((pid) => process.kill(pid, 'SIGKILL')));
    expect(heard.text).toBe(undisturbed);
    expect((await usageOf(dev.databaseUrl, heard.id)).attempts).toBeGreaterThan(1);
  });
});

describe('a scheduler that is killed', () => {
  it('is not noticed by callers', async () => {
    const { scheduler } = (await millrace.devJson()).pids;
    const heard = await streamDisturbed(() => process.kill(scheduler, 'SIGKILL'));
    expect(heard.text).toBe(undisturbed);
    const next = await client.chat.completions.create({ ...story, temperature: 0 });
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
    const waiting = patient.chat.completions.create({ ...story, temperature: 0 });
    await ticketsWaiting(dev.redisUrl, 1);
    process.kill((await millrace.devJson()).pids.redis, 'SIGKILL');
    process.kill(runner, 'SIGCONT');
    expect((await waiting).choices[0]?.message.content).toBe(undisturbed);
  });
});

describe('a Postgres that is killed', () => {
  it('disturbs no call of a known key, and the usage of such a call is settled when it is back, once', async () => {
    const before = (await millrace.devJson()).pids;
    process.kill(before.postgres, 'SIGKILL');
    const answer = await client.chat.completions.create({ ...story, temperature: 0 });
    expect(answer.choices[0]?.message.content).toBe(undisturbed);
    const usage = await usageOf(dev.databaseUrl, answer.id);
    expect(usage).toMatchObject({ outcome: 'completed', completionTokens: answer.usage?.completion_tokens });
  });
});

describe('an API process that is killed', () => {
  it('ends its streams, is started again, and answers as before', async () => {
    const { api } = (await millrace.devJson()).pids;
    await expect(streamDisturbed(() => process.kill(api, 'SIGKILL'))).rejects.toThrow();
    const patient = new OpenAI({ baseURL: `${dev.baseUrl}/v1`, apiKey: dev.apiKey, maxRetries: 8 });
    const next = await patient.chat.completions.create({ ...story, temperature: 0 });
    expect(next.choices[0]?.message.content).toBe(undisturbed);
  });
});
