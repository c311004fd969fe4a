import OpenAI from 'openai';
import { publishedSchema } from '@millrace/contracts/openai';
import { eventually } from './eventually.js';
import type { DevFacts } from './npm-start.js';
import { startMillrace, type RunningMillrace } from './running-millrace.js';
import { query } from './stored-rows.js';

type Message = OpenAI.ChatCompletionMessageParam;
type Chunk = OpenAI.ChatCompletionChunk;

const PROMPT = 'You are Millie, a guide at Millrace. Always end your answer with "Stay curious!"';
const CAPITAL: Message[] = [{ role: 'user', content: 'What is the capital of France?' }];
const ANSWER = 'The capital of France is Paris. Stay curious!';

let millrace: RunningMillrace;
let dev: DevFacts;
let agent: OpenAI;

beforeAll(async () => {
  millrace = await startMillrace();
  dev = await millrace.devJson();
  agent = new OpenAI({ baseURL: `${dev.baseUrl}/v1`, apiKey: dev.agentKey, maxRetries: 0 });
}, 120_000);

afterAll(async () => millrace.stop());

/** Without the model, which clients of an agent can leave out although the SDK's types want it. */
function withoutModel(messages: Message[], more: object = {}): OpenAI.ChatCompletionCreateParamsNonStreaming {
  return { messages, ...more } as OpenAI.ChatCompletionCreateParamsNonStreaming;
}

async function chunksOf(more: object): Promise<Chunk[]> {
  const wish = { ...withoutModel(CAPITAL), ...more, stream: true } as OpenAI.ChatCompletionCreateParamsStreaming;
  const chunks: Chunk[] = [];
  for await (const chunk of await agent.chat.completions.create(wish)) {
    expect(publishedSchema('CreateChatCompletionStreamResponse').safeParse(chunk).error).toBeUndefined();
    chunks.push(chunk);
  }
  return chunks;
}

describe('the agent key of npm start', () => {
  it('is printed', () => {
    expect(dev.agentKey).toMatch(/^mr-agent-/);
    expect(millrace.output()).toContain(`Agent key     ${dev.agentKey}`);
  });

  it('answers as the agent does, with model, finish reason and usage', async () => {
    const answer = await agent.chat.completions.create(withoutModel(CAPITAL));
    expect(publishedSchema('CreateChatCompletionResponse').safeParse(answer).error).toBeUndefined();
    expect(answer).toMatchObject({ model: 'millrace-tiny', choices: [{ finish_reason: 'stop' }] });
    expect(answer.choices[0]?.message.content).toBe(ANSWER);
    const { prompt_tokens: prompt = 0, completion_tokens: completion = 0, total_tokens: total } = answer.usage ?? {};
    expect([prompt > 20, completion > 5, total]).toEqual([true, true, prompt + completion]);
  });

  it('streams the same text, and usage only where it is asked for', async () => {
    const plain = await agent.chat.completions.create(withoutModel(CAPITAL));
    const chunks = await chunksOf({ stream_options: { include_usage: true } });
    expect(chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')).toBe(ANSWER);
    expect(new Set(chunks.map(({ model }) => model))).toEqual(new Set(['millrace-tiny']));
    const finishes = chunks.flatMap(({ choices }) => choices.map(({ finish_reason: reason }) => reason));
    expect(finishes.filter((reason) => reason !== null)).toEqual(['stop']);
    expect(chunks.at(-1)?.choices).toEqual([]);
    expect({ ...chunks.at(-1)?.usage, prompt_tokens_details: undefined }).toEqual({
      ...plain.usage,
      prompt_tokens_details: undefined,
    });
    expect((await chunksOf({})).every((chunk) => !('usage' in chunk))).toBe(true);
  });

  it('ignores another model with a warning', async () => {
    const { data, response } = await agent.chat.completions
      .create({ model: 'gpt-4o', messages: CAPITAL })
      .withResponse();
    expect(data.model).toBe('millrace-tiny');
    expect(response.headers.get('x-millrace-warning')).toBe('fixed by the agent: model');
    const named = await agent.chat.completions.create({ model: 'millrace-tiny', messages: CAPITAL }).withResponse();
    expect(named.response.headers.get('x-millrace-warning')).toBeNull();
  });

  it("keeps the caller's own system message, after the agent's", async () => {
    const own: Message[] = [{ role: 'system', content: 'You have a cat named Tom.' }, ...CAPITAL];
    const plain = new OpenAI({ baseURL: `${dev.baseUrl}/v1`, apiKey: dev.apiKey, maxRetries: 0 });
    const spelledOut = await plain.chat.completions.create({
      ...{ model: 'millrace-tiny', temperature: 0 },
      messages: [{ role: 'system', content: PROMPT }, ...own],
    });
    const answer = await agent.chat.completions.create(withoutModel(own));
    expect(answer.choices).toEqual(spelledOut.choices);
    expect(answer.usage?.prompt_tokens).toBe(spelledOut.usage?.prompt_tokens);
    const short = await agent.chat.completions.create(withoutModel(CAPITAL));
    expect(short.usage?.prompt_tokens).toBeLessThan(answer.usage?.prompt_tokens ?? 0);
  });

  it("lists the agent's model", async () => {
    expect((await agent.models.list()).data.map(({ id }) => id)).toEqual(['millrace-tiny']);
  });
});

/** Calls the admin API as an operator. */
async function administer(request: string, body?: object): Promise<Record<string, unknown>> {
  const [method = '', path = ''] = request.split(' ');
  const headers = { authorization: `Bearer ${dev.operatorKey}`, 'content-type': 'application/json' };
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await fetch(`${dev.baseUrl}/admin/v1${path}`, { method, headers, ...sent });
  expect(response.ok).toBe(true);
  return response.status === 204 ? {} : ((await response.json()) as Record<string, unknown>);
}

describe('an agent that is made over the admin API', () => {
  let path: string;
  let key: { id: string; secret: string };
  let client: OpenAI;

  beforeAll(async () => {
    const { data } = (await administer('GET /tenants?name=default')) as { data: { id: string }[] };
    const agents = `/tenants/${data[0]?.id ?? ''}/agents`;
    const made = await administer(`POST ${agents}`, {
      ...{ name: 'terse', model: 'millrace-tiny', systemPrompt: PROMPT },
      ...{ sampling: { temperature: 0, maxCompletionTokens: 3 }, locks: ['maxCompletionTokens'] },
    });
    path = `${agents}/${String(made['id'])}`;
    key = (await administer(`POST ${path}/api-keys`, { name: 'first' })) as typeof key;
    client = new OpenAI({ baseURL: `${dev.baseUrl}/v1`, apiKey: key.secret, maxRetries: 0 });
  });

  it('keeps what it locks and tells the caller', async () => {
    const wish = withoutModel(CAPITAL, { max_completion_tokens: 50 });
    const { data, response } = await client.chat.completions.create(wish).withResponse();
    expect(data.choices[0]?.finish_reason).toBe('length');
    expect(data.usage?.completion_tokens).toBe(3);
    expect(response.headers.get('x-millrace-warning')).toBe('fixed by the agent: max_completion_tokens');
  });

  it('is named in the usage of its requests', async () => {
    await client.chat.completions.create(withoutModel(CAPITAL));
    const agentIds = await eventually('usage of the agent', 10_000, async () => {
      const rows = await query<{ agent_id: string | null }>(
        dev.databaseUrl,
        `SELECT DISTINCT agent_id FROM usage_records WHERE key_id = '${key.id}'`,
      );
      return rows.length > 0 ? rows.map(({ agent_id: agentId }) => agentId) : undefined;
    });
    expect(agentIds).toEqual([path.split('/').at(-1)]);
  });

  it('follows a change, and its key ends with it, within a second', async () => {
    await administer(`PATCH ${path}`, { sampling: { maxCompletionTokens: null }, locks: [] });
    await eventually('the changed agent answers', 1_000, async () => {
      const answer = await client.chat.completions.create(withoutModel(CAPITAL));
      return answer.choices[0]?.message.content === ANSWER || undefined;
    });
    await administer(`DELETE ${path}`);
    await eventually('the key is refused', 1_000, async () =>
      client.models.list().then(
        () => undefined,
        (error: unknown) => error instanceof OpenAI.AuthenticationError || undefined,
      ),
    );
  });
});
