import OpenAI from 'openai';
import { publishedSchema } from '@millrace/contracts/openai';
import type { DevFacts } from './npm-start.js';
import { startMillrace, type RunningMillrace } from './running-millrace.js';
import { query } from './stored-rows.js';

let millrace: RunningMillrace;
let dev: DevFacts;

beforeAll(async () => {
  millrace = await startMillrace();
  dev = await millrace.devJson();
}, 120_000);

afterAll(async () => {
  await millrace.stop();
});

function post(parameters: Record<string, unknown>, headers: Record<string, string> = {}): Promise<Response> {
  const messages = [{ role: 'user', content: 'What is the capital of Iceland?' }];
  return fetch(`${dev.baseUrl}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${dev.apiKey}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'millrace-tiny', temperature: 0, messages, ...parameters }),
  });
}

/** The events of a stream as they came over the wire, each of whole characters. */
async function eventsOf(response: Response): Promise<string[]> {
  const bytes = Buffer.from(await response.arrayBuffer());
  const events = bytes.toString('latin1').split('\n\n');
  expect(events.pop()).toBe('');
  const utf8 = new TextDecoder('utf-8', { fatal: true });
  return events.map((event) => utf8.decode(Buffer.from(event, 'latin1')));
}

/** The chunks of a stream that ended well, each as the published schema says. */
async function chunksOf(parameters: Record<string, unknown>): Promise<OpenAI.ChatCompletionChunk[]> {
  const events = await eventsOf(await post({ stream: true, ...parameters }));
  expect(events.pop()).toBe('data: [DONE]');
  return events.map((event) => {
    expect(event.startsWith('data: {')).toBe(true);
    const chunk = JSON.parse(event.slice('data: '.length)) as OpenAI.ChatCompletionChunk;
    expect(publishedSchema('CreateChatCompletionStreamResponse').safeParse(chunk).error).toBeUndefined();
    return chunk;
  });
}

function textOf(chunks: readonly OpenAI.ChatCompletionChunk[]): string {
  return chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('');
}

describe('a stream over the wire', () => {
  it('has the headers of one, is sent piece by piece and ends with [DONE]', async () => {
    const response = await post({ stream: true });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    expect(response.headers.get('cache-control')).toBe('no-cache');
    expect(response.headers.get('x-accel-buffering')).toBe('no');
    expect(response.headers.get('content-length')).toBeNull();
    expect(response.headers.get('content-encoding')).toBeNull();
    const events = await eventsOf(response);
    expect(events.length).toBeGreaterThan(4);
    expect(events.indexOf('data: [DONE]')).toBe(events.length - 1);
  });

  it('names the role once and first, shares one identity, and finishes once with an empty delta', async () => {
    const chunks = await chunksOf({});
    expect(new Set(chunks.map(({ id, created, model }) => `${id} ${String(created)} ${model}`)).size).toBe(1);
    expect(chunks.map(({ choices }) => choices[0]?.delta.role).indexOf('assistant')).toBe(0);
    expect(chunks.filter(({ choices }) => choices[0]?.delta.role !== undefined)).toHaveLength(1);
    const reasons = chunks.map(({ choices }) => choices[0]?.finish_reason);
    expect(reasons.slice(0, -1).every((reason) => reason === null)).toBe(true);
    expect(chunks.at(-1)?.choices[0]).toEqual({ index: 0, delta: {}, logprobs: null, finish_reason: 'stop' });
    for (const chunk of chunks) expect(chunk).not.toHaveProperty('usage');
  });

  it('has the usage in one last chunk without choices when that is asked for, and null before', async () => {
    const chunks = await chunksOf({ stream_options: { include_usage: true } });
    const last = chunks.pop();
    expect(chunks.map(({ usage }) => usage)).toEqual(chunks.map(() => null));
    expect(last?.choices).toEqual([]);
    const { prompt_tokens = 0, completion_tokens = 0, total_tokens } = last?.usage ?? {};
    expect(total_tokens).toBe(prompt_tokens + completion_tokens);
    expect(last?.usage?.prompt_tokens_details?.cached_tokens).toEqual(expect.any(Number));
    expect(last?.usage?.completion_tokens_details?.reasoning_tokens).toBe(0);
  });

  it('has the text of the plain answer at temperature 0', async () => {
    const plain = (await (await post({})).json()) as OpenAI.ChatCompletion;
    expect(textOf(await chunksOf({}))).toBe(plain.choices[0]?.message.content);
  });

  it('never splits a character, of however many bytes and tokens it is made', async () => {
    const schema = { type: 'object', properties: { city: { enum: ['Reykjavík 🌋 日本'] } }, required: ['city'] };
    const response_format = { type: 'json_schema', json_schema: { name: 'place', schema } };
    const chunks = await chunksOf({ response_format, max_tokens: 200 });
    expect(JSON.parse(textOf(chunks))).toEqual({ city: 'Reykjavík 🌋 日本' });
    for (const chunk of chunks) expect(textOf([chunk])).not.toMatch(/\p{Surrogate}|\uFFFD/u);
  });

  it('is metered without being asked for its usage', async () => {
    const [chunk] = await chunksOf({});
    const rows = async () =>
      query<{ completion: number }>(
        dev.databaseUrl,
        `SELECT completion_tokens::int AS completion FROM usage_records WHERE job_id = '${String(chunk?.id)}'`,
      );
    let found = await rows();
    while (found.length === 0) found = await rows();
    expect(found[0]?.completion).toBeGreaterThan(0);
  });
});

describe('a caller who leaves a stream of several choices', () => {
  it('cancels all of them, and leaves one usage row that counts the prompt once', async () => {
    const messages = [{ role: 'user', content: 'Tell me a story about a fox.' }];
    const leaving = new AbortController();
    const client = new OpenAI({ baseURL: `${dev.baseUrl}/v1`, apiKey: dev.apiKey, maxRetries: 0 });
    const body = { model: 'millrace-tiny', messages: messages as OpenAI.ChatCompletionMessageParam[], n: 8 };
    const { data, request_id } = await client.chat.completions
      .create({ ...body, stream: true, temperature: 0 }, { signal: leaving.signal })
      .withResponse();
    for await (const chunk of data) if ((chunk.choices[0]?.delta.content ?? '') !== '') break;
    leaving.abort();
    const rows = () =>
      query<{ outcome: string; prompt: number; completion: number }>(
        dev.databaseUrl,
        `SELECT outcome, prompt_tokens AS prompt, completion_tokens AS completion FROM usage_records
         WHERE request_id = '${String(request_id)}'`,
      );
    let metered = await rows();
    while (metered.length === 0) metered = await rows();
    const alone = await client.chat.completions.create({ ...body, n: 1, max_tokens: 1 });
    expect(metered).toMatchObject([{ outcome: 'cancelled', prompt: alone.usage?.prompt_tokens }]);
    expect(metered[0]?.completion).toBeGreaterThan(0);
  });
});

describe('the profile of a request', () => {
  const everything = { max_tokens: 0, stream_options: { include_usage: true }, audio: { voice: 'a', format: 'wav' } };

  it('is strict by default, and by header takes as absent what asks for nothing', async () => {
    expect((await post(everything)).status).toBe(400);
    const response = await post(everything, { 'x-millrace-profile': 'lenient' });
    expect(response.status).toBe(200);
    expect(response.headers.get('x-millrace-warning')).toBe('without effect: max_tokens, stream_options, audio');
    expect((await post({}, { 'x-millrace-profile': 'loose' })).status).toBe(400);
  });
});
