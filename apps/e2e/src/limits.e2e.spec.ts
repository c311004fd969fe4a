import { Redis } from 'ioredis';
import OpenAI, { APIError, InternalServerError, RateLimitError } from 'openai';
import { eventually } from './eventually.js';
import type { DevFacts } from './npm-start.js';
import { startMillrace, type RunningMillrace } from './running-millrace.js';
import { readMetric, serveBeside, type ServedProcess } from './served-process.js';
import { query } from './stored-rows.js';

const MODEL = 'rehearsal';
const ANSWER_TOKENS = 20;
const OPTIONS = { timeToFirstTokenMs: 5, tokensPerSecond: 400, answerTokens: ANSWER_TOKENS, slots: 64 };
/** By the simulated engine: a token for each 4 bytes of the rendered messages. */
const QUESTION = 'How high is the wheel?';
/** An answer that begins and never goes on. */
const STALLED = 'Tell me [simulated: stall after 3 tokens].';
const RATE_HEADERS = ['limit', 'remaining', 'reset'].flatMap((what) => [
  `x-ratelimit-${what}-requests`,
  `x-ratelimit-${what}-tokens`,
]);

interface Limits {
  requestsPerMinute?: number | null;
  tokensPerMinute?: number | null;
  maxConcurrent?: number | null;
  tokensPerMonth?: number | null;
}

let millrace: RunningMillrace;
let dev: DevFacts;
let second: ServedProcess;
let names = 0;

beforeAll(async () => {
  millrace = await startMillrace({
    MILLRACE_MODEL: `simulated:${MODEL}`,
    MILLRACE_ENGINE_OPTIONS: JSON.stringify(OPTIONS),
  });
  dev = await millrace.devJson();
  second = await serveBeside(millrace.home, 'api');
}, 120_000);

afterAll(async () => {
  second.kill();
  await millrace.stop();
});

async function administer<Answer>(method: string, path: string, body: object): Promise<Answer> {
  const response = await fetch(`${dev.baseUrl}/admin/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${dev.operatorKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`);
  return (await response.json()) as Answer;
}

/** A tenant with one key, and clients that use it. */
async function customer({ tenant = {}, key = {} }: { tenant?: Limits; key?: Limits }) {
  names += 1;
  const { id } = await administer<{ id: string }>('POST', '/tenants', { name: `t${String(names)}`, limits: tenant });
  const made = await administer<{ id: string; secret: string }>('POST', `/tenants/${id}/api-keys`, {
    name: 'key',
    limits: key,
  });
  const client = (baseUrl: string, maxRetries = 0) =>
    new OpenAI({ baseURL: `${baseUrl}/v1`, apiKey: made.secret, maxRetries });
  return { tenantId: id, secret: made.secret, client: client(dev.baseUrl), atSecond: client(second.url), with: client };
}

type Wish = Partial<OpenAI.ChatCompletionCreateParamsNonStreaming>;

function wishFor(content: string, wish: Wish = {}): OpenAI.ChatCompletionCreateParamsNonStreaming {
  return { model: MODEL, messages: [{ role: 'user', content }], temperature: 0, ...wish };
}

/** The answer with its headers, or the error of the SDK. */
async function ask(client: OpenAI, wish: Wish = {}) {
  try {
    const { data, response } = await client.chat.completions.create(wishFor(QUESTION, wish)).withResponse();
    return { data, headers: response.headers, error: undefined };
  } catch (error) {
    if (!(error instanceof APIError)) throw error;
    return { data: undefined, headers: error.headers ?? new Headers(), error };
  }
}

/** Begins an answer that does not end, and resolves when its first token is there. */
async function beginStalled(client: OpenAI): Promise<{ leave: () => void; headers: Headers }> {
  const wish = { ...wishFor(STALLED), stream: true as const };
  const { data, response } = await client.chat.completions.create(wish).withResponse();
  for await (const _chunk of data.tee()[0]) break;
  return { leave: () => data.controller.abort(), headers: response.headers };
}

function expectRateHeaders(headers: Headers): void {
  for (const name of RATE_HEADERS) {
    const form = name.includes('reset') ? /^(\d+h)?(\d+m)?(\d+(\.\d+)?(s|ms))$/ : /^\d+$/;
    expect([name, headers.get(name)]).toEqual([name, expect.stringMatching(form)]);
  }
}

describe('limits of a minute', () => {
  it('let as many of 50 parallel calls to two API processes through as there may be, and tell the others when', async () => {
    const { client, atSecond } = await customer({ tenant: { requestsPerMinute: 10 } });
    const calls = await Promise.all(Array.from({ length: 50 }, (_, call) => ask(call % 2 === 0 ? client : atSecond)));
    const refused = calls.flatMap(({ error }) => error ?? []);
    expect(calls.length - refused.length).toBe(10);
    for (const { headers } of calls) expectRateHeaders(headers);
    for (const error of refused) {
      expect(error).toBeInstanceOf(RateLimitError);
      expect(error).toMatchObject({ status: 429, code: 'rate_limit_exceeded' });
      const afterMs = Number(error.headers?.get('retry-after-ms'));
      expect(afterMs).toBeGreaterThan(50_000);
      expect(afterMs).toBeLessThanOrEqual(61_000);
      expect(Number(error.headers?.get('retry-after')) * 1_000).toBeGreaterThanOrEqual(afterMs);
      expect(error.headers?.get('x-ratelimit-remaining-requests')).toBe('0');
    }
    expect(await readMetric(dev.baseUrl, 'millrace_rejected_requests_total', 'requestsPerMinute')).toBeGreaterThan(0);
  });

  it.each([{ max_tokens: 10 }, {}])('are never exceeded by the tokens of 50 parallel calls: %j', async (wish) => {
    const tokensPerMinute = 900;
    const { client, atSecond } = await customer({ key: { tokensPerMinute } });
    const calls = await Promise.all(
      Array.from({ length: 50 }, (_, call) => ask(call % 2 === 0 ? client : atSecond, wish)),
    );
    const used = calls.reduce((sum, { data }) => sum + (data?.usage?.total_tokens ?? 0), 0);
    const passed = calls.filter(({ data }) => data !== undefined).length;
    expect(used).toBeGreaterThan(0);
    expect(used).toBeLessThanOrEqual(tokensPerMinute);
    expect(passed).toBeLessThan(50);
    // What was held and not used is free again.
    const { headers, error } = await ask(client, { max_tokens: 1 });
    expect(error).toBeUndefined();
    expect(Number(headers.get('x-ratelimit-remaining-tokens'))).toBeGreaterThan(0);
  });

  it('do not keep out a first call that names no length, nor the next one after it', async () => {
    const { client } = await customer({ tenant: { tokensPerMinute: 150 } });
    for (let call = 0; call < 3; call++) {
      const { data } = await ask(client);
      expect(data?.usage?.completion_tokens).toBe(ANSWER_TOKENS);
    }
  });

  it('say that a request is too large for them, and that no retry helps', async () => {
    const { client } = await customer({ tenant: { tokensPerMinute: 100 } });
    const { error, headers } = await ask(client, { max_tokens: 500 });
    expect(error).toBeInstanceOf(RateLimitError);
    expect(error?.message).toMatch(/Request too large .* 100, requested 5\d\d/);
    expect([headers.get('x-should-retry'), headers.get('retry-after')]).toEqual(['false', null]);
    expect(headers.get('x-ratelimit-remaining-tokens')).toBe('100');
  });

  it('are told on a stream, on errors, and to callers without any', async () => {
    const { client } = await customer({ tenant: { requestsPerMinute: 5, tokensPerMinute: 5_000 } });
    const wish = { ...wishFor(QUESTION), stream: true as const };
    const { data, response } = await client.chat.completions.create(wish).withResponse();
    for await (const _chunk of data) continue;
    expectRateHeaders(response.headers);
    expect(response.headers.get('x-ratelimit-remaining-requests')).toBe('4');
    for (const bad of [{ temperature: 9 }, { model: 'unknown' }, { messages: [] }]) {
      const { error, headers } = await ask(client, bad);
      expect([400, 404]).toContain(error?.status);
      expect(headers.get('x-ratelimit-remaining-requests')).toBe('4');
      expect(Number(headers.get('x-ratelimit-remaining-tokens'))).toBeLessThan(5_000);
    }
    const free = await ask(new OpenAI({ baseURL: `${dev.baseUrl}/v1`, apiKey: dev.apiKey, maxRetries: 0 }));
    expect(RATE_HEADERS.map((name) => free.headers.get(name))).toEqual(
      RATE_HEADERS.map((name) => (name.includes('reset') ? '0s' : '2147483647')),
    );
  });

  it('change within a second on every API process', async () => {
    const { tenantId, client, atSecond } = await customer({ tenant: { requestsPerMinute: 1 } });
    await ask(client);
    expect((await ask(atSecond)).error?.status).toBe(429);
    await administer('PATCH', `/tenants/${tenantId}`, { limits: { requestsPerMinute: 1_000 } });
    await eventually('both let calls through', 1_000, async () => {
      const answers = await Promise.all([ask(client), ask(atSecond)]);
      return answers.every(({ error }) => error === undefined) ? true : undefined;
    });
  });
});

describe('concurrent requests', () => {
  it('are free again when a caller hangs up', async () => {
    const { client } = await customer({ key: { maxConcurrent: 1 } });
    const stalled = await beginStalled(client);
    expectRateHeaders(stalled.headers);
    const { error } = await ask(client);
    expect(error).toBeInstanceOf(RateLimitError);
    expect(error?.headers?.get('retry-after-ms')).toBe('1000');
    stalled.leave();
    await eventually('the place is free', 3_000, async () =>
      (await ask(client)).error === undefined ? true : undefined,
    );
  });

  it('are free again half a minute after their API process was killed', async () => {
    const dying = await serveBeside(millrace.home, 'api');
    try {
      const { client, with: at } = await customer({ key: { maxConcurrent: 1 } });
      await beginStalled(at(dying.url));
      process.kill(dying.pid, 'SIGKILL');
      expect((await ask(client)).error?.status).toBe(429);
      await eventually('the place is free', 30_000, async () =>
        (await ask(client)).error === undefined ? true : undefined,
      );
    } finally {
      dying.kill();
    }
  });
});

describe("a month's quota", () => {
  it('ends with an error that no client repeats, and outlives what Redis knows of it', async () => {
    const { tenantId, client, with: at } = await customer({ tenant: { tokensPerMonth: 120 } });
    let used = 0;
    for (let answer = await ask(client); answer.error === undefined; answer = await ask(client)) {
      used += answer.data.usage?.total_tokens ?? 0;
    }
    expect(used).toBeGreaterThan(60);
    expect(used).toBeLessThanOrEqual(120);
    const { error, headers } = await ask(at(dev.baseUrl, 2));
    expect(error).toMatchObject({ status: 429, code: 'insufficient_quota', type: 'insufficient_quota' });
    expect([headers.get('x-should-retry'), headers.get('retry-after')]).toEqual(['false', null]);
    await eventually('the usage is stored', 5_000, async () => {
      const [row] = await query<{ tokens: number }>(
        dev.databaseUrl,
        `SELECT coalesce(sum(prompt_tokens + completion_tokens), 0)::int AS tokens FROM usage_rollups
         WHERE tenant_id = '${tenantId}' AND granularity = 'day'`,
      );
      return row?.tokens === used ? true : undefined;
    });
    await forgetLimits(tenantId);
    expect((await ask(client)).error).toMatchObject({ code: 'insufficient_quota' });
  });
});

describe('while Redis does not answer', () => {
  it('limited callers get 503 with a time to come back, within 2 s', async () => {
    const { client } = await customer({ tenant: { requestsPerMinute: 100 } });
    await ask(client);
    const { pids } = await millrace.devJson();
    process.kill(pids.redis, 'SIGSTOP');
    try {
      const startMs = performance.now();
      const { error, headers } = await ask(client);
      expect(performance.now() - startMs).toBeLessThan(2_000);
      expect(error).toBeInstanceOf(InternalServerError);
      expect(error?.status).toBe(503);
      expect(Number(headers.get('retry-after-ms'))).toBeGreaterThan(0);
      expectRateHeaders(headers);
    } finally {
      process.kill(pids.redis, 'SIGCONT');
    }
    await eventually('calls pass', 10_000, async () => ((await ask(client)).error === undefined ? true : undefined));
  });
});

/** Loses all that Redis knows of a tenant's limits. */
async function forgetLimits(tenantId: string): Promise<void> {
  const redis = new Redis(dev.redisUrl);
  const keys = await redis.keys(`mr:limits:{${tenantId}}:*`);
  await redis.del(...keys);
  redis.disconnect();
}
