import { openAiError, type OpenAiError } from '@millrace/contracts/openai';
import { ApiError, type ApiProblem } from './api-error.js';

/** The one mapper from problems to HTTP answers. Messages name no host, path of this machine, prompt or whole key. */
export function answerProblem(problem: ApiProblem): OpenAiError {
  switch (problem.kind) {
    case 'invalid_request':
      return openAiError({ status: 400, ...problem.error });
    case 'context_length_exceeded':
      return openAiError({ status: 400, message: problem.message, param: 'messages', code: problem.kind });
    case 'malformed_json':
    case 'malformed_http':
    case 'route_not_found':
    case 'method_not_allowed':
    case 'request_timeout':
    case 'body_too_large':
    case 'body_too_complex':
    case 'headers_too_large':
    case 'unsupported_media_type':
    case 'caller_left':
      return answerTransport(problem);
    case 'missing_key':
    case 'refused_key':
    case 'tenant_disabled':
    case 'wrong_kind_of_key':
      return answerKey(problem);
    case 'model_not_found': {
      const message = `The model '${shorten(problem.model)}' does not exist or you do not have access to it.`;
      return openAiError({ status: 404, message, param: 'model', code: problem.kind });
    }
    case 'resource_not_found':
    case 'version_mismatch':
    case 'conflict':
    case 'idempotency_key_reused':
    case 'idempotency_in_progress':
      return answerResource(problem);
    case 'rate_limited':
    case 'quota_exceeded':
    case 'over_limit':
      return answerLimit(problem);
    case 'queue_full':
    case 'out_of_reach':
    case 'not_ready':
    case 'model_not_servable':
    case 'deadline_exceeded':
    case 'generation_failed':
    case 'internal':
      return answerServer(problem);
  }
}

/** The answer to whatever was thrown; what is no ApiError becomes `internal`. */
export function answerThrown(thrown: unknown): OpenAiError {
  return answerProblem(thrown instanceof ApiError ? thrown.problem : { kind: 'internal' });
}

type Problem<Kind extends ApiProblem['kind']> = Extract<ApiProblem, { kind: Kind }>;

type TransportProblem = Problem<
  | 'malformed_json'
  | 'malformed_http'
  | 'route_not_found'
  | 'method_not_allowed'
  | 'request_timeout'
  | 'body_too_large'
  | 'body_too_complex'
  | 'headers_too_large'
  | 'unsupported_media_type'
  | 'caller_left'
>;

function answerTransport(problem: TransportProblem): OpenAiError {
  const code = problem.kind;
  switch (problem.kind) {
    case 'malformed_json':
      return openAiError({ status: 400, code, message: 'We could not parse the body of your request as JSON.' });
    case 'malformed_http':
      return openAiError({ status: 400, code, message: `Malformed request: ${problem.what}.` });
    case 'route_not_found':
      return openAiError({ status: 404, code, message: `Unknown request URL: ${describeTarget(problem)}.` });
    case 'method_not_allowed': {
      const allowed = problem.allowed.join(', ');
      const message = `Not allowed to ${describeTarget(problem)}: this URL takes ${allowed}.`;
      return openAiError({ status: 405, code, message, headers: { allow: allowed } });
    }
    case 'request_timeout':
      return openAiError({ status: 408, code, message: 'The request did not arrive in time. Send it again.' });
    case 'body_too_large':
      return openAiError({ status: 413, code, message: `The body is larger than ${inUnits(problem.limitBytes)}.` });
    case 'body_too_complex': {
      const most = `${String(problem.mostParts)} objects, arrays and members, ${String(problem.mostLevels)} levels deep`;
      return openAiError({ status: 400, code, message: `The body is too complex: it can have ${most} at most.` });
    }
    case 'headers_too_large':
      return openAiError({ status: 431, code, message: `The headers exceed ${inUnits(problem.limitBytes)}.` });
    case 'unsupported_media_type':
      return openAiError({ status: 415, code, message: problem.what });
    case 'caller_left':
      return openAiError({ status: 499, code, message: 'The connection was closed before the request was complete.' });
  }
}

type ResourceProblem = Problem<
  'resource_not_found' | 'version_mismatch' | 'conflict' | 'idempotency_key_reused' | 'idempotency_in_progress'
>;

/** Clients repeat a 409 by themselves unless they are told that it stays one. */
const stays = { 'x-should-retry': 'false' };

function answerResource(problem: ResourceProblem): OpenAiError {
  const code = problem.kind;
  switch (problem.kind) {
    case 'resource_not_found':
      return openAiError({ status: 404, code, message: `There is no ${problem.resource} '${shorten(problem.id)}'.` });
    case 'version_mismatch': {
      const what = `The ${problem.resource} '${shorten(problem.id)}'`;
      const message = `${what} is at version ${String(problem.version)} by now: read it again and repeat the change.`;
      return openAiError({ status: 412, code, message });
    }
    case 'conflict':
      return openAiError({ status: 409, code, message: problem.message, headers: stays });
    case 'idempotency_key_reused': {
      const message = 'This Idempotency-Key has come with another request before: take a new one for each request.';
      return openAiError({ status: 409, code, param: 'idempotency-key', message, headers: stays });
    }
    case 'idempotency_in_progress': {
      const message = 'The first request under this Idempotency-Key has not been answered yet. Ask again shortly.';
      const headers = retryAfter(problem.retryAfterMs);
      return openAiError({ status: 409, code, param: 'idempotency-key', message, headers });
    }
  }
}

type KeyProblem = Problem<'missing_key' | 'refused_key' | 'tenant_disabled' | 'wrong_kind_of_key'>;

function answerKey(problem: KeyProblem): OpenAiError {
  const unauthorized = { status: 401, code: 'invalid_api_key', headers: { 'www-authenticate': 'Bearer' } };
  switch (problem.kind) {
    case 'missing_key': {
      const message =
        "You didn't provide an API key. Send it in the Authorization header as a bearer token: " +
        'Authorization: Bearer YOUR_KEY.';
      return openAiError({ ...unauthorized, message });
    }
    case 'refused_key':
      return openAiError({ ...unauthorized, message: `${refusals[problem.reason]}${showKey(problem.visible)}.` });
    case 'tenant_disabled':
      return openAiError({ status: 403, code: 'tenant_disabled', message: 'The tenant of this API key is disabled.' });
    case 'wrong_kind_of_key': {
      const message = `A key of the kind ${problem.have} may not do this. Use one of the kind ${problem.need.join(' or ')}.`;
      return openAiError({ status: 403, code: 'wrong_kind_of_key', message });
    }
  }
}

const refusals = {
  unknown: 'Incorrect API key provided',
  disabled: 'The API key provided is disabled',
  expired: 'The API key provided has expired',
} as const;

function showKey(visible: string): string {
  return visible === '' ? '' : `: ${visible}…`;
}

function answerLimit(problem: Problem<'rate_limited' | 'quota_exceeded' | 'over_limit'>): OpenAiError {
  const { message } = problem;
  const rate = { status: 429, type: 'rate_limit_error', code: 'rate_limit_exceeded', message } as const;
  const noRetry = { 'x-should-retry': 'false' };
  switch (problem.kind) {
    case 'rate_limited':
      return openAiError({ ...rate, headers: retryAfter(problem.retryAfterMs) });
    case 'over_limit':
      return openAiError({ ...rate, headers: noRetry });
    case 'quota_exceeded':
      return openAiError({ ...rate, type: 'insufficient_quota', code: 'insufficient_quota', headers: noRetry });
  }
}

type ServerProblem = Problem<
  | 'queue_full'
  | 'out_of_reach'
  | 'not_ready'
  | 'model_not_servable'
  | 'deadline_exceeded'
  | 'generation_failed'
  | 'internal'
>;

function answerServer(problem: ServerProblem): OpenAiError {
  const code = problem.kind;
  switch (problem.kind) {
    case 'queue_full': {
      const message = 'All queues are full at the moment. Try again shortly.';
      return openAiError({ status: 503, code, message, headers: retryAfter(problem.retryAfterMs) });
    }
    case 'out_of_reach': {
      const message = `The ${problem.what} is out of reach at the moment. Try again shortly.`;
      return openAiError({ status: 503, code, message, headers: retryAfter(problem.retryAfterMs) });
    }
    case 'not_ready': {
      const message = `Not ready: ${problem.reasons.join('; ')}.`;
      return openAiError({ status: 503, code, message, headers: retryAfter(1_000) });
    }
    case 'model_not_servable': {
      const message = `The model '${shorten(problem.model)}' cannot be served: ${problem.reason}`;
      return openAiError({ status: 503, code, message });
    }
    case 'deadline_exceeded': {
      const message = `The ${problem.deadline} deadline of ${String(problem.limitMs)} ms has passed.`;
      return openAiError({ status: 504, code, message });
    }
    case 'generation_failed':
      return openAiError({ status: 500, code, message: problem.message });
    case 'internal':
      return openAiError({
        status: 500,
        message: 'The server had an error while processing your request. Name the x-request-id when you report it.',
      });
  }
}

/** Whole seconds for HTTP, milliseconds for OpenAI's clients. */
function retryAfter(afterMs: number): Record<string, string> {
  const waitMs = Math.max(0, Math.ceil(afterMs));
  return { 'retry-after': String(Math.max(1, Math.ceil(waitMs / 1_000))), 'retry-after-ms': String(waitMs) };
}

function describeTarget(target: { method: string; path: string }): string {
  return `${target.method} ${shorten(target.path)}`;
}

/** Keeps a caller's text from filling the answer. */
function shorten(text: string): string {
  return text.length > 200 ? `${text.slice(0, 200)}…` : text;
}

function inUnits(bytes: number): string {
  return bytes % 2 ** 20 === 0 ? `${String(bytes / 2 ** 20)} MiB` : `${String(bytes / 2 ** 10)} KiB`;
}
