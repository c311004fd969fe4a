import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import OpenAI from 'openai';
import { startMillrace, type RunningMillrace } from './running-millrace.js';
import { query } from './stored-rows.js';

const run = promisify(execFile);

const capital = [
  { role: 'system' as const, content: 'You are a helpful assistant.' },
  { role: 'user' as const, content: 'What is the capital of France?' },
];

let millrace: RunningMillrace;
let client: OpenAI;

beforeAll(async () => {
  millrace = await startMillrace();
  const dev = await millrace.devJson();
  client = new OpenAI({ baseURL: `${dev.baseUrl}/v1`, apiKey: dev.apiKey, maxRetries: 0 });
}, 120_000);

afterAll(async () => {
  await millrace.stop();
});

describe('the examples of the product page', () => {
  it('answer to the curl line that npm start prints, as pasted', async () => {
    const printed = millrace.output();
    const line = printed.slice(printed.indexOf('curl ')).split(/\n\s*\n/)[0] ?? '';
    const { stdout } = await run('sh', ['-c', line]);
    expect(stdout).toContain('Paris');
  });

  it('answer to the openai client with the shape it expects', async () => {
    const completion = await client.chat.completions.create({ model: 'millrace-tiny', messages: capital });
    expect(completion.id).toMatch(/^ses_[0-9a-hjkmnp-tv-z]{26}$/);
    expect(completion.object).toBe('chat.completion');
    expect(completion.model).toBe('millrace-tiny');
    expect(Math.abs(completion.created - Date.now() / 1_000)).toBeLessThan(60);
    expect(completion.choices).toHaveLength(1);
    expect(completion.choices[0]?.finish_reason).toBe('stop');
    expect(completion.choices[0]?.message.content).toContain('Paris');
    const { usage } = completion;
    expect(usage?.total_tokens).toBe((usage?.prompt_tokens ?? 0) + (usage?.completion_tokens ?? 0));
  });

  it('stream to the openai client the same text as the plain answer', async () => {
    const plain = await client.chat.completions.create({ model: 'millrace-tiny', messages: capital, temperature: 0 });
    const stream = await client.chat.completions.create({
      model: 'millrace-tiny',
      messages: capital,
      temperature: 0,
      stream: true,
      stream_options: { include_usage: true },
    });
    let text = '';
    const finishes: string[] = [];
    let usage: OpenAI.CompletionUsage | null | undefined;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      const finish = chunk.choices[0]?.finish_reason;
      if (finish) finishes.push(finish);
      usage = chunk.usage ?? usage;
    }
    expect(text).toBe(plain.choices[0]?.message.content);
    expect(finishes).toEqual(['stop']);
    expect(usage?.completion_tokens).toBe(plain.usage?.completion_tokens);
  });

  it('list the model and show it by its id', async () => {
    const models = await client.models.list();
    expect(models.data.map(({ id }) => id)).toEqual(['millrace-tiny']);
    await expect(client.models.retrieve('millrace-tiny')).resolves.toMatchObject({ object: 'model' });
    await expect(client.models.retrieve('nobody/has:this')).rejects.toMatchObject({
      status: 404,
      code: 'model_not_found',
    });
  });
});

describe('the parameters of a chat completion', () => {
  const ask = async (
    content: string,
    parameters: Partial<OpenAI.ChatCompletionCreateParamsNonStreaming> = {},
  ): Promise<OpenAI.ChatCompletion> =>
    client.chat.completions.create({
      model: 'millrace-tiny',
      messages: [{ role: 'user', content }],
      temperature: 0,
      ...parameters,
    });
  const textOf = (completion: OpenAI.ChatCompletion): string => completion.choices[0]?.message.content ?? '';

  it('stop at max_completion_tokens with reason length and exactly that many tokens', async () => {
    const whole = await ask('Tell me a story about a fox.');
    const cut = await ask('Tell me a story about a fox.', { max_completion_tokens: 7, max_tokens: 100 });
    expect(cut.choices[0]?.finish_reason).toBe('length');
    expect(cut.usage?.completion_tokens).toBe(7);
    expect(textOf(whole).startsWith(textOf(cut))).toBe(true);
  });

  it('end before a stop string, which is not part of the text', async () => {
    const whole = textOf(await ask('Tell me a story about a fox.'));
    const word = whole.split(' ')[6] ?? '';
    const cut = await ask('Tell me a story about a fox.', { stop: [word] });
    expect(textOf(cut)).toBe(whole.slice(0, whole.indexOf(word)));
    expect(cut.choices[0]?.finish_reason).toBe('stop');
  });

  it('give the same sampled answer to the same seed and different ones to different seeds', async () => {
    const sampled = async (seed: number): Promise<string> =>
      textOf(await ask('Tell me a story about a fox.', { temperature: 1.5, seed, max_tokens: 40 }));
    expect(await sampled(7)).toBe(await sampled(7));
    const answers = new Set(await Promise.all([1, 2, 3, 4, 5].map(sampled)));
    expect(answers.size).toBeGreaterThan(1);
  });

  it('take developer messages and content in text parts', async () => {
    const answer = await client.chat.completions.create({
      model: 'millrace-tiny',
      temperature: 0,
      messages: [
        { role: 'developer', content: [{ type: 'text', text: 'You are a helpful assistant.' }] },
        { role: 'user', content: [{ type: 'text', text: 'What is the capital of France?' }] },
      ],
    });
    expect(textOf(answer)).toContain('Paris');
  });

  it('are refused with their name when they are known but not served', async () => {
    const audio = { voice: 'alloy', format: 'wav' } as const;
    await expect(ask('Hi', { audio })).rejects.toMatchObject({ status: 400, param: 'audio' });
    await expect(ask('Hi', { web_search_options: {} })).rejects.toMatchObject({
      status: 400,
      param: 'web_search_options',
    });
  });

  it('that do not fit the context are refused with the numbers', async () => {
    await expect(ask('word '.repeat(5_000))).rejects.toMatchObject({
      status: 400,
      code: 'context_length_exceeded',
      message: expect.stringMatching(/\d+ tokens/) as unknown,
    });
  });

  it('answer many callers at once as each of them alone', async () => {
    const countries = ['France', 'Italy', 'Spain', 'Portugal', 'Germany', 'Kenya', 'Peru', 'Japan', 'Norway', 'Egypt'];
    const question = (country: string): string => `What is the capital of ${country}?`;
    const together = await Promise.all(countries.map(async (country) => textOf(await ask(question(country)))));
    for (const [index, country] of countries.entries())
      expect(together[index]).toBe(textOf(await ask(question(country))));
  });
});

describe('the ledger of the device', () => {
  it('holds what the replica was measured to need, not what was predicted', async () => {
    const { databaseUrl } = await millrace.devJson();
    const reservations = await query<{ basis: string; bytes: string }>(
      databaseUrl,
      'SELECT basis, bytes FROM device_reservations',
    );
    expect(reservations).toHaveLength(1);
    expect(reservations[0]?.basis).toBe('measured');
    expect(Number(reservations[0]?.bytes)).toBeGreaterThan(8_000_000);
  });
});
