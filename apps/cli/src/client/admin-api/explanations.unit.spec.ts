import type { AdminRequest } from './admin-request.js';
import { codeOf, explainNoAnswer } from './explain-no-answer.js';
import { explainRefusal } from './explain-refusal.js';

const connection = { url: 'https://here', key: 'mr-secret', urlFrom: 'MILLRACE_URL', keyFrom: 'MILLRACE_KEY' };
const place = 'https://here (from MILLRACE_URL)';
const get: AdminRequest = { method: 'GET', path: '/admin/v1/me' };

describe('no answer', () => {
  const explain = (code: string, request = get) => explainNoAnswer(code, connection, { request, timeoutMs: 30_000 });

  it.each([
    ['ECONNREFUSED', `Nothing listens at ${place}. Start millrace there`],
    ['ENOTFOUND', `The host of ${place} is not known (ENOTFOUND). Check how it is spelled`],
    ['timeout', `${place} has not answered within 30 s. Try again, or wait longer with --timeout.`],
    ['EHOSTUNREACH', 'cannot be reached from here (EHOSTUNREACH). Check the address'],
    ['ECONNRESET', 'closed the connection without an answer (ECONNRESET). Try again'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'Set NODE_EXTRA_CA_CERTS to the PEM file of its authority.'],
    ['CERT_HAS_EXPIRED', 'is not valid now (CERT_HAS_EXPIRED). Renew it'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'is for another host (ERR_TLS_CERT_ALTNAME_INVALID). Use the host name'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'does not speak TLS (ERR_SSL_WRONG_VERSION_NUMBER). Use http://'],
    ['HPE_INVALID_CONSTANT', 'does not speak HTTP (HPE_INVALID_CONSTANT). Check address and port.'],
    ['ESOMETHING', 'could not be asked (ESOMETHING). Check the address.'],
  ])('because of %s says what to do', (code, words) => {
    expect(explain(code)).toContain(words);
  });

  it('to a change says that it may have been made, and how to repeat it once', () => {
    const create: AdminRequest = { method: 'POST', path: '/', headers: { 'idempotency-key': 'k-1' } };
    expect(explain('timeout', create)).toContain('repeat it with --idempotency-key k-1, and it is done once.');
    expect(explain('ECONNRESET', { method: 'DELETE', path: '/' })).toContain('look before you repeat it.');
    expect(explain('ECONNREFUSED', create)).not.toContain('not known');
  });

  it('is found by the code at the bottom of what fetch throws', () => {
    const refused = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    expect(codeOf(new TypeError('fetch failed', { cause: refused }))).toBe('ECONNREFUSED');
    expect(codeOf(new DOMException('over', 'TimeoutError'))).toBe('timeout');
    expect(codeOf(new TypeError('fetch failed', { cause: new Error('bad port') }))).toBe('bad port');
  });
});

describe('a refusal', () => {
  const explain = (status: number, error: object | string, headers: Record<string, string> = {}) => {
    const text = typeof error === 'string' ? error : JSON.stringify({ error: { message: 'No.', ...error } });
    return explainRefusal({ status, text, headers: new Headers(headers) }, connection);
  };

  it('repeats what the server says, and names the request', () => {
    const message = "Unknown field: 'wieght'. Expected one of name, weight.";
    expect(explain(400, { message }, { 'x-request-id': 'req_1' })).toBe(`${message} (x-request-id req_1)`);
    expect(explain(409, { message: 'There is a tenant named acme' })).toBe('There is a tenant named acme.');
    expect(explain(412, { message: 'Read it again.' })).toBe('Read it again.');
  });

  it.each([
    [401, {}, {}, 'No. The key came from MILLRACE_KEY: give a valid one with --key-stdin, MILLRACE_KEY or a profile.'],
    [403, {}, {}, 'No. The key came from MILLRACE_KEY: choose another with --key-stdin, MILLRACE_KEY or --profile.'],
    [404, { code: 'resource_not_found' }, {}, 'No. The list command shows what there is.'],
    [
      404,
      { code: 'route_not_found' },
      {},
      'https://here may run another version of millrace, or the address is wrong.',
    ],
    [429, {}, { 'retry-after': '12' }, 'No. Try again in 12 s.'],
    [503, {}, { 'retry-after-ms': '300000' }, 'No. Try again in 5 minutes.'],
    [503, {}, {}, 'No.'],
    [429, {}, { 'retry-after': '12', 'x-should-retry': 'false' }, 'No.'],
  ])('of %i says what to do', (...[status, error, headers, words]) => {
    expect(explain(status, error, headers)).toContain(words);
    expect(explain(status, error, headers)).not.toContain('mr-secret');
  });

  it('that is none of millrace says so', () => {
    const html = { 'content-type': 'text/html; charset=utf-8' };
    expect(explain(502, '<html>', html)).toBe(
      `${place} answered 502 with text/html that is not millrace's: millrace may be starting; ` +
        'look whether the address is right and what stands in between.',
    );
    expect(explain(404, '{"detail":"Not Found"}', { 'content-type': 'application/json' })).toContain(
      'answered 404 with application/json that is not millrace',
    );
    expect(explain(301, '', { location: 'https://there/' })).toContain(
      `${place} sends on to https://there/. Name the address where millrace answers with --url.`,
    );
  });

  it('cannot move the cursor of the terminal', () => {
    expect(explain(400, { message: 'a\u001b[2Jb' })).toBe('a [2Jb.');
  });
});
