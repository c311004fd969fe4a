import { once } from 'node:events';
import type { Socket } from 'node:net';
import OpenAI from 'openai';
import { startApi, type ApiUnderTest } from '../../test/api-under-test.js';
import { openSocket, post, question, rawRequest } from '../../test/requests.js';
import type { ChatCompletionChoice } from '@millrace/contracts/openai';
import { ApiError } from '../http/api-error.js';
import { answerForm } from './answer-form.js';
import { chatCompletion } from './chat-response.js';
import type { ChatCall } from './complete-chat-port.js';
import { StreamEncoder } from './stream-encoder.js';

const usage = { promptTokens: 3, cachedTokens: 0, completionTokens: 2, reasoningTokens: 0 };
const identity = { id: 'ses_01', createdAtMs: 1_700_000_000_000, model: 'millrace-tiny' };

const choice: ChatCompletionChoice = {
  index: 0,
  message: { role: 'assistant', content: 'Paris.', refusal: null },
  logprobs: null,
  finish_reason: 'stop',
};

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

/** Completes calls as the real one does, at once. */
async function complete(call: ChatCall): Promise<void> {
  await Promise.resolve();
  const { reply, request } = call;
  if (!request.stream) {
    reply.sendJson(200, chatCompletion(identity, [choice], usage));
    return;
  }
  const encoder = new StreamEncoder(identity, answerForm(request, [identity.id]));
  reply.startStream();
  reply.write(encoder.first());
  for (const text of ['Pa', 'ris', '.']) {
    reply.write(encoder.encode(0, [{ tokenIds: [], text, logprobs: [] }]));
  }
  reply.write(encoder.finish(0, 'stop') + encoder.end(usage));
  reply.end();
}

/** Lets the test hold a call in its hands, as it would wait in a queue. */
function holdCalls(): { next: Promise<ChatCall>; finished: Promise<void> } {
  let finish: () => void = () => undefined;
  const finished = new Promise<void>((resolve) => (finish = resolve));
  const next = new Promise<ChatCall>((resolve) => {
    api.completeChat = async (call) => {
      resolve(call);
      if (!call.hungUp.aborted) await once(call.hungUp, 'abort');
      finish();
    };
  });
  return { next, finished };
}

async function sendRequest(body: object): Promise<Socket> {
  const socket = await openSocket(api);
  socket.write(rawRequest(api, body));
  return socket;
}

describe("OpenAI's client", () => {
  const client = () => new OpenAI({ baseURL: `${api.baseUrl}/v1`, apiKey: api.keys.inference, maxRetries: 0 });

  it('gets a plain answer', async () => {
    api.completeChat = complete;
    const answer = await client().chat.completions.create(question);
    expect(answer.choices[0]?.message.content).toBe('Paris.');
    expect(answer._request_id).toMatch(/^req_/);
  });

  it('gets a stream', async () => {
    api.completeChat = complete;
    const options = { stream: true, stream_options: { include_usage: true } } as const;
    let text = '';
    let totalTokens: number | undefined;
    for await (const chunk of await client().chat.completions.create({ ...question, ...options })) {
      text += chunk.choices[0]?.delta.content ?? '';
      totalTokens = chunk.usage?.total_tokens;
    }
    expect({ text, totalTokens }).toEqual({ text: 'Paris.', totalTokens: 5 });
  });

  it('throws what went wrong in the middle of a stream', async () => {
    api.completeChat = failHalfWay;
    const stream = await client().chat.completions.create({ ...question, stream: true });
    const read = async () => {
      for await (const chunk of stream) expect(chunk.choices[0]?.finish_reason).toBeNull();
    };
    await expect(read()).rejects.toMatchObject({ code: 'generation_failed', type: 'server_error' });
  });

  it('gets errors as its own classes', async () => {
    await expect(client().chat.completions.create({ ...question, model: 'nothing' })).rejects.toBeInstanceOf(
      OpenAI.NotFoundError,
    );
    await expect(client().models.retrieve('org/name:8b')).resolves.toMatchObject({ id: 'org/name:8b' });
  });
});

/** Begins a stream and fails. */
async function failHalfWay({ reply, request }: ChatCall): Promise<void> {
  reply.startStream();
  reply.write(new StreamEncoder(identity, answerForm(request, [identity.id])).first());
  await Promise.reject(new ApiError({ kind: 'generation_failed', message: 'The engine stopped.' }));
}

describe('a streamed reply', () => {
  it('has the headers of an event stream', async () => {
    api.completeChat = complete;
    const response = await post(api, { ...question, stream: true });
    const { headers } = response;
    expect(headers.get('content-type')).toBe('text/event-stream');
    expect(headers.get('cache-control')).toBe('no-cache');
    expect(headers.get('x-accel-buffering')).toBe('no');
    expect(headers.get('content-length')).toBeNull();
    expect(headers.get('content-encoding')).toBeNull();
    expect(headers.get('x-request-id')).toMatch(/^req_/);
    expect(headers.get('openai-processing-ms')).toMatch(/^\d+$/);
    const text = await response.text();
    expect(text.endsWith('\n\ndata: [DONE]\n\n')).toBe(true);
    expect(await api.logged(headers.get('x-request-id'))).toMatchObject({ status: 200, complete: true });
  });

  it('is never compressed, whatever the caller could read', async () => {
    api.completeChat = complete;
    const options = { headers: { 'accept-encoding': 'gzip, br, zstd' } };
    const response = await post(api, { ...question, stream: true }, options);
    expect(response.headers.get('content-encoding')).toBeNull();
    expect(response.headers.get('content-length')).toBeNull();
    expect(await response.text()).toContain('data: [DONE]');
  });

  it('sends its headers at once and each event when it is written', async () => {
    const { next, finished } = holdCalls();
    const responding = post(api, { ...question, stream: true });
    const call = await next;
    call.reply.startStream();
    const response = await responding;
    const reader = response.body?.getReader();
    call.reply.write(': queued position=1 eta=0.1s\n\n');
    const first: { value?: unknown } | undefined = await reader?.read();
    expect(new TextDecoder().decode(first?.value as Uint8Array)).toContain(': queued');
    await reader?.cancel();
    await finished;
  });

  it('ends with one error event when the completion fails half-way', async () => {
    api.completeChat = failHalfWay;
    const text = await (await post(api, { ...question, stream: true })).text();
    expect(text.split('\n\n').at(-2)).toBe(
      'data: {"error":{"message":"The engine stopped.","type":"server_error","param":null,"code":"generation_failed"}}',
    );
    expect(text).not.toContain('[DONE]');
  });

  it('waits for a caller who reads slowly', async () => {
    const slow = new Promise<void>((resolve, reject) => {
      api.completeChat = async ({ reply }) => {
        reply.startStream();
        const event = `: ${'x'.repeat(65_536)}\n\n`;
        let refused = 0;
        for (let count = 0; count < 200; count += 1) {
          if (reply.write(event)) continue;
          refused += 1;
          await reply.drained();
        }
        reply.end();
        if (refused > 0) resolve();
        else reject(new Error('a slow reader never filled the buffer'));
      };
    });
    const socket = await sendRequest({ ...question, stream: true });
    let bytes = 0;
    socket.on('data', (chunk: Buffer) => (bytes += chunk.length));
    await slow;
    socket.end();
    await once(socket, 'close');
    expect(bytes).toBeGreaterThan(200 * 65_536);
  });
});

describe('a reply that goes wrong', () => {
  it('is a status as long as nothing has been sent, also for a stream', async () => {
    api.completeChat = () => Promise.reject(new ApiError({ kind: 'queue_full', retryAfterMs: 1_000 }));
    const response = await post(api, { ...question, stream: true });
    expect(response.status).toBe(503);
    expect(await response.json()).toMatchObject({ error: { code: 'queue_full' } });
  });

  it('is ended even when the completion forgets to', async () => {
    api.completeChat = () => Promise.resolve();
    expect((await post(api, question)).status).toBe(500);
  });

  it('names parameters that have no effect in a header', async () => {
    api.completeChat = complete;
    const response = await post(api, { ...question, store: true, reasoning_effort: 'low' });
    expect(response.headers.get('x-millrace-warning')).toBe('without effect: store, reasoning_effort');
  });
});

describe('hanging up', () => {
  const ways: [string, (socket: Socket) => void][] = [
    ['FIN', (socket) => socket.end()],
    ['RST', (socket) => socket.resetAndDestroy()],
  ];
  for (const [name, hangUp] of ways) {
    it.each([true, false])(`by ${name} is noticed before anything was sent (stream: %s)`, async (stream) => {
      const { next, finished } = holdCalls();
      const socket = await sendRequest({ ...question, stream });
      const call = await next;
      expect(call.hungUp.aborted).toBe(false);
      hangUp(socket);
      await finished;
      expect(call.hungUp.aborted).toBe(true);
    });

    it(`by ${name} is noticed in mid-stream, and what is written after it goes nowhere`, async () => {
      const { next, finished } = holdCalls();
      const socket = await sendRequest({ ...question, stream: true });
      const { reply } = await next;
      reply.startStream();
      reply.write(': one\n\n');
      await once(socket, 'data');
      hangUp(socket);
      await finished;
      expect(reply.write(': two\n\n')).toBe(true);
      await reply.drained();
      reply.end();
      reply.sendJson(200, {});
    });
  }

  it('is noticed while the caller does not read and much is on its way', async () => {
    const { next, finished } = holdCalls();
    const socket = await sendRequest({ ...question, stream: true });
    const { reply } = await next;
    socket.pause();
    reply.startStream();
    while (reply.write(`: ${'x'.repeat(65_536)}\n\n`)) continue;
    socket.destroy();
    await reply.drained();
    await finished;
  });

  it('is noticed on a connection that has served a call before', async () => {
    api.completeChat = complete;
    const socket = await sendRequest(question);
    await once(socket, 'data');
    const { next, finished } = holdCalls();
    socket.write(rawRequest(api, question));
    await next;
    socket.end();
    await finished;
  });

  it('is not what the normal end of a reply looks like', async () => {
    let hungUp: AbortSignal | undefined;
    api.completeChat = (call) => {
      hungUp = call.hungUp;
      return complete(call);
    };
    const response = await post(api, { ...question, stream: true });
    await response.text();
    await api.logged(response.headers.get('x-request-id'));
    expect(hungUp?.aborted).toBe(false);
  });

  it('while the body is still on its way ends the request quietly', async () => {
    const socket = await openSocket(api);
    const beganAt = api.log.length;
    socket.write(rawRequest(api, question).slice(0, -5), () => socket.resetAndDestroy());
    await once(socket, 'close');
    api.completeChat = complete;
    await api.logged((await post(api, question)).headers.get('x-request-id'));
    expect(api.log.slice(beganAt).filter((entry) => Number(entry['level']) >= 50)).toEqual([]);
  });
});
