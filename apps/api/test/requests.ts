import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { publishedSchema, type ErrorEnvelope } from '@millrace/contracts/openai';
import type { ApiUnderTest } from './api-under-test.js';
import { expectDocumented } from './documented-answers.js';

/** A request that is served. */
export const question = { model: 'millrace-tiny', messages: [{ role: 'user' as const, content: 'Hi' }] };

/** As fetch takes it; `key` null sends none, left out one that works. */
export type RequestOptions = Omit<RequestInit, 'headers'> & { key?: string | null; headers?: Record<string, string> };

/** Calls the API; what /admin/v1 answers must be as /openapi.json says. */
export async function call(api: ApiUnderTest, path: string, options: RequestOptions = {}): Promise<Response> {
  const { key = api.keys.inference, headers, ...rest } = options;
  const authorization: Record<string, string> = key === null ? {} : { authorization: `Bearer ${key}` };
  const response = await fetch(api.baseUrl + path, { ...rest, headers: { ...authorization, ...headers } });
  if (path.startsWith('/admin/v1')) await expectDocumented(api.baseUrl, rest.method ?? 'GET', response);
  return response;
}

/** POST /v1/chat/completions with a text, bytes, or an object as JSON. */
export function post(api: ApiUnderTest, body: unknown, options: RequestOptions = {}): Promise<Response> {
  const sent = body instanceof Uint8Array || typeof body === 'string' ? body : JSON.stringify(body);
  const headers = { 'content-type': 'application/json', ...options.headers };
  return call(api, '/v1/chat/completions', { method: 'POST', body: sent, ...options, headers });
}

/** Expects what every answer without success has, and answers its error. */
export async function expectError(response: Response, status: number): Promise<ErrorEnvelope['error']> {
  expect(response.status).toBe(status);
  expect(response.headers.get('content-type')).toMatch(/^application\/json/);
  expect(response.headers.get('x-request-id')).toMatch(/^req_[0-9a-z]{26}$/);
  expect(response.headers.get('openai-processing-ms')).toMatch(/^\d+$/);
  const body = (await response.json()) as ErrorEnvelope;
  expect(publishedSchema('ErrorResponse').safeParse(body).error).toBeUndefined();
  expect(Object.keys(body)).toEqual(['error']);
  return body.error;
}

/** A bare connection; errors of a connection that breaks are what the tests are about. */
export async function openSocket(api: ApiUnderTest): Promise<Socket> {
  const { hostname, port } = new URL(api.baseUrl);
  const socket = connect(Number(port), hostname);
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/** The bytes of a chat completion request. */
export function rawRequest(api: ApiUnderTest, body: object): string {
  const text = JSON.stringify(body);
  return (
    `POST /v1/chat/completions HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${api.keys.inference}\r\n` +
    `content-type: application/json\r\ncontent-length: ${String(Buffer.byteLength(text))}\r\n\r\n${text}`
  );
}

/** Sends bytes as they are and answers all that comes back until the connection ends. */
export async function sendRaw(api: ApiUnderTest, ...pieces: string[]): Promise<string> {
  const socket = await openSocket(api);
  let received = '';
  socket.on('data', (bytes: Buffer) => (received += bytes.toString()));
  for (const piece of pieces) socket.write(piece);
  await once(socket, 'close');
  return received;
}
