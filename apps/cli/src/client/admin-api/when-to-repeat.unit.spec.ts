import type { AdminAnswer, AdminRequest } from './admin-request.js';
import { waitBeforeRepeatMs } from './when-to-repeat.js';

const path = '/admin/v1/tenants';
const get: AdminRequest = { method: 'GET', path };
const create: AdminRequest = { method: 'POST', path, body: {}, headers: { 'idempotency-key': 'k' } };

const answer = (status: number, headers: Record<string, string> = {}): AdminAnswer => ({
  ...{ status, text: '', headers: new Headers(headers) },
});

describe('a request', () => {
  it.each([
    ['a 503 that says when to come back', answer(503, { 'retry-after': '2' }), 2_000],
    ['a 429 that says it in milliseconds, too', answer(429, { 'retry-after': '1', 'retry-after-ms': '40' }), 40],
    ['the first of two equal requests being under way', answer(409, { 'retry-after': '1' }), 1_000],
    ['a broken connection', { code: 'ECONNRESET' }, 200],
  ])('is repeated after %s, at most twice', (_, outcome, waitMs) => {
    for (const request of [get, create]) {
      expect([1, 2, 3].map((tries) => waitBeforeRepeatMs(request, outcome, tries))).toEqual([
        waitMs,
        waitMs,
        undefined,
      ]);
    }
  });

  it.each([
    ['a 503 that does not say when to come back', answer(503)],
    ['a longer wait than a person would like', answer(429, { 'retry-after': '6' })],
    ['a quota of a month', answer(429, { 'retry-after': '1', 'x-should-retry': 'false' })],
    ['a conflict', answer(409)],
    ['another failure', answer(500, { 'retry-after': '1' })],
    ['a date, which is not understood', answer(503, { 'retry-after': 'Wed, 25 Nov 2026 18:00:00 GMT' })],
    ['a server that is not there', { code: 'ECONNREFUSED' }],
    ['a time that is over', { code: 'timeout' }],
  ])('is not repeated after %s', (_, outcome) => {
    expect(waitBeforeRepeatMs(get, outcome, 1)).toBeUndefined();
  });

  it.each([
    ['a change', { method: 'PATCH', path }],
    ['a deletion', { method: 'DELETE', path }],
    ['a creation without a key', { method: 'POST', path }],
  ] as const)('is not repeated when it is %s', (_, request) => {
    expect(waitBeforeRepeatMs(request, { code: 'ECONNRESET' }, 1)).toBeUndefined();
    expect(waitBeforeRepeatMs(request, answer(503, { 'retry-after': '1' }), 1)).toBeUndefined();
  });
});
