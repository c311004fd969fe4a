import { gzipSync } from 'node:zlib';
import type { ErrorEnvelope } from '@millrace/contracts/openai';
import { startApi, type ApiUnderTest } from '../../test/api-under-test.js';
import { call, expectError, post, question, sendRaw } from '../../test/requests.js';

const MIB = 2 ** 20;

let api: ApiUnderTest;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.stop());

/** Expects what every answer has, on one that was written by hand. */
function expectOwnHeaders(answer: string): void {
  expect(answer).toMatch(/\r\nx-request-id: req_[0-9a-z]{26}\r\n/);
  expect(answer).toMatch(/\r\nopenai-processing-ms: \d+\r\n/);
}

describe('sizes', () => {
  const filler = (bytes: number) => JSON.stringify({ ...question, user: 'x'.repeat(bytes) });

  it('a body of just under 20 MiB is served', async () => {
    expect((await post(api, filler(20 * MIB - 200))).status).toBe(200);
  });

  it('a body over 20 MiB is 413, whether its length is known or not', async () => {
    const text = filler(20 * MIB);
    expect((await expectError(await post(api, text), 413)).code).toBe('body_too_large');
    const stream = new Blob([text]).stream();
    await expectError(await post(api, undefined, { body: stream, duplex: 'half' }), 413);
  });

  it('gzip bodies are read, up to 20 MiB of what they hold', async () => {
    const headers = { 'content-encoding': 'gzip' };
    expect((await post(api, gzipSync(JSON.stringify(question)), { headers })).status).toBe(200);
    await expectError(await post(api, gzipSync(filler(20 * MIB)), { headers }), 413);
    expect((await expectError(await post(api, JSON.stringify(question), { headers }), 400)).code).toBe(
      'malformed_http',
    );
    await expectError(await post(api, question, { headers: { 'content-encoding': 'br' } }), 415);
  });

  it('a body of a million brackets is 400 before anybody parses it, whoever reads it', async () => {
    const brackets = '['.repeat(MIB) + ']'.repeat(MIB);
    const members = `{${Array.from({ length: 200_000 }, (_, index) => `"k${String(index)}":1`).join()}}`;
    for (const text of [brackets, members]) {
      expect((await expectError(await post(api, text), 400)).code).toBe('body_too_complex');
    }
  });

  it('headers of just under 64 KiB are served', async () => {
    const headers = { 'x-stuffing': 'x'.repeat(64 * 1024 - 600) };
    expect((await post(api, question, { headers })).status).toBe(200);
  });

  it('headers over 64 KiB are 431 as JSON', async () => {
    const stuffing = `x-stuffing: ${'x'.repeat(66 * 1024)}\r\n`;
    const answer = await sendRaw(api, 'GET /livez HTTP/1.1\r\nhost: a\r\n', stuffing.repeat(4), '\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 431 /);
    expect(answer).toContain('access-control-allow-origin: *');
    expectOwnHeaders(answer);
    const body = JSON.parse(answer.split('\r\n\r\n')[1] ?? '') as ErrorEnvelope;
    expect(body.error.code).toBe('headers_too_large');
  });

  it('what is no HTTP is 400 as JSON', async () => {
    const answer = await sendRaw(api, 'HELLO\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expectOwnHeaders(answer);
    expect(JSON.parse(answer.split('\r\n\r\n')[1] ?? '')).toMatchObject({ error: { code: 'malformed_http' } });
  });
});

describe('pages of other origins', () => {
  const origin = { origin: 'https://chat.example' };

  it('may ask what they may send', async () => {
    const response = await call(api, '/v1/chat/completions', {
      method: 'OPTIONS',
      key: null,
      headers: {
        ...origin,
        'access-control-request-method': 'POST',
        'access-control-request-headers':
          'authorization,content-type,x-stainless-os,OpenAI-Organization,x-evil,x-millrace-total-deadline-ms',
      },
    });
    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(response.headers.get('access-control-allow-methods')).toContain('POST');
    const allowed = response.headers.get('access-control-allow-headers')?.split(', ');
    expect(allowed).toEqual(
      expect.arrayContaining(['authorization', 'content-type', 'x-stainless-os', 'openai-organization']),
    );
    expect(allowed).toContain('x-millrace-total-deadline-ms');
    expect(allowed).not.toContain('x-evil');
  });

  it.each([200, 401])('may read the answer and its headers, also at %d', async (status) => {
    const response = await post(api, question, { headers: origin, ...(status === 401 ? { key: null } : {}) });
    expect(response.status).toBe(status);
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    const exposed = response.headers.get('access-control-expose-headers')?.split(', ');
    expect(exposed).toEqual(expect.arrayContaining(['x-request-id', 'retry-after', 'x-ratelimit-reset-tokens']));
  });
});
