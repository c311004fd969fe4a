import { publishedSchema } from '@millrace/contracts/openai';
import { ApiError, type ApiProblem } from './api-error.js';
import { answerProblem, answerThrown } from './error-answer.js';

const parameterError = { message: 'm', param: 'temperature', code: 'c' };

/** Every kind of problem, with the status and code its answer has. */
const expected: { [Kind in ApiProblem['kind']]: [Extract<ApiProblem, { kind: Kind }>, number, string | null] } = {
  invalid_request: [{ kind: 'invalid_request', error: parameterError }, 400, 'c'],
  context_length_exceeded: [{ kind: 'context_length_exceeded', message: 'm' }, 400, 'context_length_exceeded'],
  malformed_json: [{ kind: 'malformed_json' }, 400, 'malformed_json'],
  malformed_http: [{ kind: 'malformed_http', what: 'm' }, 400, 'malformed_http'],
  missing_key: [{ kind: 'missing_key' }, 401, 'invalid_api_key'],
  refused_key: [{ kind: 'refused_key', reason: 'expired', visible: '' }, 401, 'invalid_api_key'],
  tenant_disabled: [{ kind: 'tenant_disabled' }, 403, 'tenant_disabled'],
  wrong_kind_of_key: [{ kind: 'wrong_kind_of_key', have: 'inference', need: ['operator'] }, 403, 'wrong_kind_of_key'],
  resource_not_found: [{ kind: 'resource_not_found', resource: 'tenant', id: 'ten_1' }, 404, 'resource_not_found'],
  version_mismatch: [
    { kind: 'version_mismatch', resource: 'tenant', id: 'ten_1', version: 2 },
    412,
    'version_mismatch',
  ],
  idempotency_key_reused: [{ kind: 'idempotency_key_reused' }, 409, 'idempotency_key_reused'],
  idempotency_in_progress: [{ kind: 'idempotency_in_progress', retryAfterMs: 1_000 }, 409, 'idempotency_in_progress'],
  conflict: [{ kind: 'conflict', message: 'm' }, 409, 'conflict'],
  model_not_found: [{ kind: 'model_not_found', model: 'm' }, 404, 'model_not_found'],
  route_not_found: [{ kind: 'route_not_found', method: 'GET', path: '/' }, 404, 'route_not_found'],
  method_not_allowed: [
    { kind: 'method_not_allowed', method: 'GET', path: '/', allowed: ['POST'] },
    405,
    'method_not_allowed',
  ],
  request_timeout: [{ kind: 'request_timeout' }, 408, 'request_timeout'],
  body_too_large: [{ kind: 'body_too_large', limitBytes: 2 ** 20 }, 413, 'body_too_large'],
  body_too_complex: [{ kind: 'body_too_complex', mostParts: 9, mostLevels: 3 }, 400, 'body_too_complex'],
  unsupported_media_type: [{ kind: 'unsupported_media_type', what: 'm' }, 415, 'unsupported_media_type'],
  headers_too_large: [{ kind: 'headers_too_large', limitBytes: 2 ** 16 }, 431, 'headers_too_large'],
  caller_left: [{ kind: 'caller_left' }, 499, 'caller_left'],
  rate_limited: [{ kind: 'rate_limited', message: 'm', retryAfterMs: 100 }, 429, 'rate_limit_exceeded'],
  quota_exceeded: [{ kind: 'quota_exceeded', message: 'm' }, 429, 'insufficient_quota'],
  over_limit: [{ kind: 'over_limit', message: 'm' }, 429, 'rate_limit_exceeded'],
  queue_full: [{ kind: 'queue_full', retryAfterMs: 1_001 }, 503, 'queue_full'],
  out_of_reach: [{ kind: 'out_of_reach', what: 'queue', retryAfterMs: 1_000 }, 503, 'out_of_reach'],
  not_ready: [{ kind: 'not_ready', reasons: ['a', 'b'] }, 503, 'not_ready'],
  model_not_servable: [{ kind: 'model_not_servable', model: 'm', reason: 'r' }, 503, 'model_not_servable'],
  deadline_exceeded: [{ kind: 'deadline_exceeded', deadline: 'start', limitMs: 5 }, 504, 'deadline_exceeded'],
  generation_failed: [{ kind: 'generation_failed', message: 'm' }, 500, 'generation_failed'],
  internal: [{ kind: 'internal' }, 500, null],
};

describe('the answer to a problem', () => {
  it.each(Object.values(expected))('%j is %d %s', (problem, status, code) => {
    const answer = answerProblem(problem);
    expect(answer).toMatchObject({ status, body: { error: { code } } });
    expect(publishedSchema('ErrorResponse').safeParse(answer.body).error).toBeUndefined();
    expect(answer.body.error.type).toBe(typeOf(status, code));
  });

  it('tells when to come back, in whole seconds and in milliseconds', () => {
    for (const kind of ['queue_full', 'out_of_reach', 'rate_limited', 'not_ready'] as const) {
      const { headers } = answerProblem(expected[kind][0]);
      expect(Number(headers['retry-after']) * 1_000).toBeGreaterThanOrEqual(Number(headers['retry-after-ms']));
      expect(headers['retry-after']).toMatch(/^[1-9]\d*$/);
    }
    expect(answerProblem(expected.queue_full[0]).headers).toEqual({ 'retry-after': '2', 'retry-after-ms': '1001' });
  });

  it('tells clients not to repeat what a new month will change, and gives no time for what will not change', () => {
    for (const kind of ['quota_exceeded', 'over_limit'] as const) {
      expect(answerProblem(expected[kind][0]).headers).toEqual({ 'x-should-retry': 'false' });
    }
    expect(answerProblem(expected.model_not_servable[0]).headers).toEqual({});
  });

  it('does not repeat a long model name or path whole', () => {
    const long = 'x'.repeat(5_000);
    expect(answerProblem({ kind: 'model_not_found', model: long }).body.error.message.length).toBeLessThan(400);
    const route: ApiProblem = { kind: 'route_not_found', method: 'GET', path: long };
    expect(answerProblem(route).body.error.message.length).toBeLessThan(400);
  });

  it('says nothing about what nobody foresaw', () => {
    expect(answerThrown(new Error('secret'))).toEqual(answerThrown('secret'));
    expect(JSON.stringify(answerThrown(new Error('secret')))).not.toContain('secret');
    const cause = new Error('connect ECONNREFUSED 10.0.0.7:5432');
    const known = new ApiError({ kind: 'out_of_reach', what: 'key store', retryAfterMs: 1 }, { cause });
    expect(JSON.stringify(answerThrown(known))).not.toContain('10.0.0.7');
  });
});

function typeOf(status: number, code: string | null): string {
  if (code === 'insufficient_quota') return code;
  if (status === 429) return 'rate_limit_error';
  return status >= 500 ? 'server_error' : 'invalid_request_error';
}
