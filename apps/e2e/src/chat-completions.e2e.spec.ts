import OpenAI from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import { publishedSchema } from '@millrace/contracts/openai';
import type { DevFacts } from './npm-start.js';
import { startMillrace, type RunningMillrace } from './running-millrace.js';
import { usageOf } from './stored-rows.js';

type Parameters = Partial<OpenAI.ChatCompletionCreateParamsNonStreaming>;
type Message = OpenAI.ChatCompletionMessageParam;

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

function bodyOf(question: string | Message[], parameters: Parameters = {}) {
  const messages: Message[] = typeof question === 'string' ? [{ role: 'user', content: question }] : question;
  return { model: 'millrace-tiny', temperature: 0, ...parameters, messages };
}

/** Asks greedily, and expects an answer as the published schema says. */
async function ask(question: string | Message[], parameters: Parameters = {}): Promise<OpenAI.ChatCompletion> {
  const answer = await client.chat.completions.create(bodyOf(question, parameters));
  expect(publishedSchema('CreateChatCompletionResponse').safeParse(answer).error).toBeUndefined();
  return answer;
}

/** Asks the same for a stream, and answers its chunks, each as the published schema says. */
async function stream(question: string, parameters: Parameters = {}): Promise<OpenAI.ChatCompletionChunk[]> {
  const options = { stream: true, stream_options: { include_usage: true } } as const;
  const chunks: OpenAI.ChatCompletionChunk[] = [];
  const answer = await client.chat.completions.create({ ...bodyOf(question, parameters), ...options });
  for await (const chunk of answer) {
    expect(publishedSchema('CreateChatCompletionStreamResponse').safeParse(chunk).error).toBeUndefined();
    chunks.push(chunk);
  }
  return chunks;
}

function tool(
  name: string,
  description: string,
  properties: Record<string, unknown>,
): OpenAI.ChatCompletionFunctionTool {
  const parameters = { type: 'object', properties, required: Object.keys(properties) };
  return { type: 'function', function: { name, description, parameters } };
}

const tools = [
  tool('get_weather', 'Get the weather of a city', { city: { type: 'string' } }),
  tool('set_timer', 'Set a timer', { minutes: { type: 'integer' } }),
];
const weather = 'What is the weather in Oslo?';

/** The calls of a plain answer, as name and arguments. */
function callsOf(answer: OpenAI.ChatCompletion): [string, unknown][] {
  const calls = answer.choices[0]?.message.tool_calls ?? [];
  return calls.map((call) => {
    if (call.type !== 'function') throw new Error('a call is one of a function');
    expect(call.id).toMatch(/^call_[0-9a-z]{27}$/);
    return [call.function.name, JSON.parse(call.function.arguments)];
  });
}

describe('tools', () => {
  it('are called when the model decides so, and not when it need not', async () => {
    const answer = await ask(weather, { tools });
    expect(callsOf(answer)).toEqual([['get_weather', { city: 'Oslo' }]]);
    expect(answer.choices[0]).toMatchObject({ finish_reason: 'tool_calls', message: { content: null, refusal: null } });
    const plain = await ask('What is the capital of France?', { tools });
    expect(plain.choices[0]).toMatchObject({ finish_reason: 'stop' });
    expect(plain.choices[0]?.message.content).toContain('Paris');
    expect(plain.choices[0]?.message.tool_calls).toBeUndefined();
  });

  it('give their results to the model', async () => {
    const asked = (await ask(weather, { tools })).choices[0]?.message;
    const call = asked?.tool_calls?.[0];
    if (asked === undefined || call === undefined) throw new Error('the model calls the tool');
    const result = {
      role: 'tool' as const,
      tool_call_id: call.id,
      content: '{"temperature": 7, "condition": "rainy"}',
    };
    const answer = await ask([{ role: 'user', content: weather }, asked, result], { tools });
    expect(answer.choices[0]?.message.content).toBe('It is rainy in Oslo with 7 degrees.');
  });

  it('are called when they are required or named, and never when the choice is none', async () => {
    const named = { type: 'function' as const, function: { name: 'set_timer' } };
    const parallel = { parallel_tool_calls: false };
    const required = await ask('Hi there!', { tools, tool_choice: 'required', ...parallel, max_tokens: 100 });
    expect(callsOf(required)).toHaveLength(1);
    expect(required.choices[0]?.finish_reason).toBe('tool_calls');
    const timer = await ask(weather, { tools, tool_choice: named, ...parallel, max_tokens: 100 });
    expect(callsOf(timer)).toEqual([['set_timer', { minutes: expect.any(Number) as unknown }]]);
    const without = await ask(weather, { tools, tool_choice: 'none' });
    expect(without.choices[0]).toMatchObject({ finish_reason: 'stop' });
    expect(callsOf(without)).toEqual([]);
    await expect(ask(weather, { tools, tool_choice: { ...named, function: { name: 'x' } } })).rejects.toMatchObject({
      status: 400,
      param: 'tool_choice.function.name',
    });
  });

  it('are called in a stream as in a plain answer: head first, then arguments that join to JSON', async () => {
    const chunks = await stream(weather, { tools });
    const deltas = chunks.flatMap((chunk) => chunk.choices[0]?.delta.tool_calls ?? []);
    expect(deltas[0]).toMatchObject({ index: 0, type: 'function', function: { name: 'get_weather', arguments: '' } });
    expect(deltas[0]?.id).toMatch(/^call_/);
    for (const delta of deltas.slice(1))
      expect(delta).toEqual({ index: 0, function: { arguments: expect.any(String) } });
    expect(JSON.parse(deltas.map((delta) => delta.function?.arguments ?? '').join(''))).toEqual({ city: 'Oslo' });
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe('');
    expect(chunks.flatMap((chunk) => chunk.choices[0]?.finish_reason ?? [])).toEqual(['tool_calls']);
  });

  it("run through the client's own loop to an answer", async () => {
    const calls: unknown[] = [];
    const run = (input: unknown): string => {
      calls.push(input);
      return '{"temperature": 7, "condition": "rainy"}';
    };
    const [described] = tools;
    if (described === undefined) throw new Error('there are tools');
    const { name, description = '', parameters = {} } = described.function;
    const runner = client.chat.completions.runTools({
      ...bodyOf(weather),
      stream: true,
      tools: [{ type: 'function', function: { name, description, parameters, parse: JSON.parse, function: run } }],
    });
    expect(await runner.finalContent()).toBe('It is rainy in Oslo with 7 degrees.');
    expect(calls).toEqual([{ city: 'Oslo' }]);
  });

  it('may be asked for in the older form, and are called in it', async () => {
    const answer = await ask(weather, { functions: tools.map((one) => one.function) });
    expect(answer.choices[0]?.finish_reason).toBe('function_call');
    expect(JSON.parse(answer.choices[0]?.message.function_call?.arguments ?? '')).toEqual({ city: 'Oslo' });
  });
});

describe('the format of an answer', () => {
  const place = z.object({ city: z.string(), country: z.enum(['France', 'Norway']), people: z.int() });

  it("is guaranteed to fit its schema, for the client's own parser too", async () => {
    const answer = await client.chat.completions.parse({
      ...bodyOf('What is the capital of France?'),
      response_format: zodResponseFormat(place, 'place'),
      max_tokens: 200,
    });
    expect(place.safeParse(answer.choices[0]?.message.parsed).error).toBeUndefined();
    expect(answer.choices[0]?.finish_reason).toBe('stop');
  });

  it('is JSON when that is asked for', async () => {
    const question = 'Give me the country and the capital of France as JSON.';
    const answer = await ask(question, { response_format: { type: 'json_object' }, max_tokens: 200 });
    const value: unknown = JSON.parse(answer.choices[0]?.message.content ?? '');
    expect(value).toEqual({ country: expect.any(String) as unknown, capital: 'Paris' });
  });

  it('is refused by name when its schema cannot be held', async () => {
    const schema = { type: 'object', properties: { a: { $ref: '#/nowhere' } }, required: ['a'] };
    const format = { type: 'json_schema' as const, json_schema: { name: 'x', schema } };
    await expect(ask('Hi', { response_format: format })).rejects.toMatchObject({
      status: 400,
      param: 'response_format.json_schema.schema',
    });
  });
});

describe('several choices', () => {
  const story = { temperature: 1.5, seed: 11, n: 3, max_tokens: 12 };

  it('differ, reproduce with a seed, count the prompt once, and are metered each', async () => {
    const answer = await ask('Tell me a story about a fox.', story);
    const texts = answer.choices.map((choice) => choice.message.content);
    expect(answer.choices.map((choice) => choice.index)).toEqual([0, 1, 2]);
    expect(new Set(texts).size).toBeGreaterThan(1);
    const again = await ask('Tell me a story about a fox.', story);
    expect(again.choices.map((choice) => choice.message.content)).toEqual(texts);
    const one = await ask('Tell me a story about a fox.', { ...story, n: 1 });
    expect(one.choices[0]?.message.content).toBe(texts[0]);
    expect(answer.usage?.prompt_tokens).toBe(one.usage?.prompt_tokens);
    expect(answer.usage?.completion_tokens).toBeGreaterThan(one.usage?.completion_tokens ?? Infinity);
    expect((await usageOf(dev.databaseUrl, answer.id)).outcome).toBe('completed');
  });

  it('come interleaved in one stream, each with its role, its finish and its text, and one usage', async () => {
    const plain = await ask('Tell me a story about a fox.', story);
    const chunks = await stream('Tell me a story about a fox.', story);
    expect(new Set(chunks.map(({ id }) => id)).size).toBe(1);
    expect(chunks.filter(({ usage }) => usage !== null)).toHaveLength(1);
    for (const { index, message, finish_reason } of plain.choices) {
      const mine = chunks.flatMap(({ choices }) => choices.filter((choice) => choice.index === index));
      expect(mine.map(({ delta }) => delta.content ?? '').join('')).toBe(message.content);
      expect(mine.filter(({ delta }) => delta.role !== undefined)).toHaveLength(1);
      expect(mine.flatMap((choice) => choice.finish_reason ?? [])).toEqual([finish_reason]);
    }
  });
});

describe('log probabilities', () => {
  type Entry = OpenAI.ChatCompletionTokenLogprob;
  const question = 'What is the capital of France?';
  const asked = { logprobs: true, top_logprobs: 3 };

  const textOf = (entries: readonly Entry[]): string =>
    Buffer.from(entries.flatMap(({ bytes }) => bytes ?? [])).toString();

  it('come for every token of the text, with the likeliest ones in its place', async () => {
    const [choice] = (await ask(question, asked)).choices;
    const entries = choice?.logprobs?.content ?? [];
    expect(textOf(entries)).toBe(choice?.message.content);
    expect(entries.map(({ token }) => token).join('')).toBe(choice?.message.content);
    expect(choice?.logprobs?.refusal).toBeNull();
    for (const { logprob, token, top_logprobs } of entries) {
      expect(logprob).toBeLessThanOrEqual(0);
      expect(top_logprobs).toHaveLength(3);
      expect(top_logprobs[0]).toMatchObject({ token, logprob });
    }
    const none = (await ask(question, { logprobs: true })).choices[0]?.logprobs?.content ?? [];
    expect(none.map(({ top_logprobs }) => top_logprobs)).toEqual(entries.map(() => []));
    expect((await ask(question)).choices[0]?.logprobs).toBeNull();
  });

  it('come in a stream with the text that they belong to', async () => {
    const plain = (await ask(question, asked)).choices[0]?.logprobs?.content ?? [];
    const chunks = await stream(question, asked);
    for (const { choices } of chunks) {
      const entries = choices[0]?.logprobs?.content ?? [];
      expect(textOf(entries)).toBe(choices[0]?.delta.content ?? '');
    }
    const entries = chunks.flatMap(({ choices }) => choices[0]?.logprobs?.content ?? []);
    expect(entries.map(({ token }) => token)).toEqual(plain.map(({ token }) => token));
  });
});

describe('penalties and biases', () => {
  const story = 'Tell me a story about a fox.';
  const told = async (parameters: Parameters = {}): Promise<string> =>
    (await ask(story, { max_tokens: 40, ...parameters })).choices[0]?.message.content ?? '';

  it.each([{ frequency_penalty: 2 }, { presence_penalty: 2 }, { logit_bias: { '300': 100 } }])(
    'change the answer: %j',
    async (parameters) => {
      expect(await told(parameters)).not.toBe(await told());
    },
  );

  it('that are neutral change nothing', async () => {
    expect(await told({ frequency_penalty: 0, presence_penalty: 0, logit_bias: {} })).toBe(await told());
  });

  it('are refused by name where the model has no such token, also beside a schema', async () => {
    const schema = { type: 'object', properties: {}, additionalProperties: false };
    const response_format = { type: 'json_schema' as const, json_schema: { name: 'x', schema } };
    await expect(ask(story, { response_format, logit_bias: { '999999': 1 } })).rejects.toMatchObject({
      status: 400,
      param: 'logit_bias',
      message: expect.stringContaining('999999') as unknown,
    });
  });
});
