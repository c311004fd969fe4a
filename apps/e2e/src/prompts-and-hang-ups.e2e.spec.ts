import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import OpenAI from 'openai';
import { startMillrace, type RunningMillrace } from './running-millrace.js';
import type { DevFacts } from './npm-start.js';
import { usageOf } from './stored-rows.js';
import { everythingInRedis, ticketsWaiting } from './waiting-tickets.js';

const SECRET = 'the-walrus-sings-at-midnight';

let millrace: RunningMillrace;
let dev: DevFacts;
let client: OpenAI;

beforeAll(async () => {
  millrace = await startMillrace();
  dev = await millrace.devJson();
  client = new OpenAI({ baseURL: `${dev.baseUrl}/v1`, apiKey: dev.apiKey, maxRetries: 0 });
}, 120_000);

afterAll(async () => {
  await millrace.stop();
});

describe('a prompt', () => {
  it('is in no key of Redis and in no log while its job waits, runs and has ended', async () => {
    const { runner } = dev.pids;
    process.kill(runner, 'SIGSTOP');
    const answers = Array.from({ length: 3 }, () =>
      client.chat.completions.create({
        model: 'millrace-tiny',
        messages: [{ role: 'user', content: `Repeat: ${SECRET}` }],
        max_completion_tokens: 20,
      }),
    );
    await ticketsWaiting(dev.redisUrl, 3);
    const whileWaiting = await everythingInRedis(dev.redisUrl);
    expect(whileWaiting).toContain('ses_');
    expect(whileWaiting).not.toContain(SECRET);
    process.kill(runner, 'SIGCONT');
    const texts = (await Promise.all(answers)).map((answer) => answer.choices[0]?.message.content ?? '');
    const afterwards = await everythingInRedis(dev.redisUrl);
    expect(afterwards).not.toContain(SECRET);
    for (const text of texts.filter((one) => one.length > 20)) expect(afterwards).not.toContain(text);
    const logs = join(millrace.home, 'logs');
    for (const file of await readdir(logs)) expect(await readFile(join(logs, file), 'utf8')).not.toContain(SECRET);
  });
});

describe('a caller who hangs up', () => {
  it('while its job runs ends the job, which is metered as cancelled for what was generated', async () => {
    let usage = await usageOf(dev.databaseUrl, await hangUpAtFirstText());
    // An answer whose last token was there before the caller left is complete: then the next one is left.
    while (usage.outcome === 'completed') usage = await usageOf(dev.databaseUrl, await hangUpAtFirstText());
    expect(usage.outcome).toBe('cancelled');
    expect(usage.promptTokens).toBeGreaterThan(0);
    expect(usage.completionTokens).toBeGreaterThan(0);
  });

  it('while its job waits takes the ticket out of the queue', async () => {
    const { runner } = dev.pids;
    process.kill(runner, 'SIGSTOP');
    const leaving = new AbortController();
    const left = client.chat.completions.create(
      { model: 'millrace-tiny', messages: [{ role: 'user', content: 'Hi' }] },
      { signal: leaving.signal },
    );
    const refused = expect(left).rejects.toThrow();
    await ticketsWaiting(dev.redisUrl, 1);
    leaving.abort();
    await refused;
    await ticketsWaiting(dev.redisUrl, 0);
    process.kill(runner, 'SIGCONT');
  });
});

/** The id of a stream that was left in its middle. */
async function hangUpAtFirstText(): Promise<string> {
  const stream = await client.chat.completions.create({
    model: 'millrace-tiny',
    messages: [{ role: 'user', content: 'Tell me a story about a fox.' }],
    temperature: 0,
    stream: true,
  });
  for await (const chunk of stream) if ((chunk.choices[0]?.delta.content ?? '') !== '') return chunk.id;
  throw new Error('the answer had no text');
}
