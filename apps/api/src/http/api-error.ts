import type { ParameterError } from '@millrace/contracts/openai';
import type { Deadline } from '@millrace/domain/claim';
import type { ApiKeyKind } from '@millrace/domain/tenancy';

/** Everything the public API answers instead of success; error-answer.ts says how each looks over HTTP. */
export type ApiProblem =
  | { kind: 'invalid_request'; error: ParameterError }
  | { kind: 'context_length_exceeded'; message: string }
  | { kind: 'malformed_json' }
  | { kind: 'malformed_http'; what: string }
  | { kind: 'missing_key' }
  /** `visible` is the part of the key that may be shown; empty for a text that is no millrace key. */
  | { kind: 'refused_key'; reason: 'unknown' | 'disabled' | 'expired'; visible: string }
  | { kind: 'tenant_disabled' }
  | { kind: 'wrong_kind_of_key'; have: ApiKeyKind; need: readonly ApiKeyKind[] }
  | { kind: 'model_not_found'; model: string }
  /** Something of /admin/v1 that does not exist, or not for this caller; `resource` is its name in words. */
  | { kind: 'resource_not_found'; resource: string; id: string }
  /** Something of /admin/v1 that is not of the version that the caller changes. */
  | { kind: 'version_mismatch'; resource: string; id: string; version: number }
  /** What is asked for cannot be beside what is there; the message says why. */
  | { kind: 'conflict'; message: string }
  /** The Idempotency-Key has come with another request before. */
  | { kind: 'idempotency_key_reused' }
  /** The first request under this Idempotency-Key has not been answered yet. */
  | { kind: 'idempotency_in_progress'; retryAfterMs: number }
  | { kind: 'route_not_found'; method: string; path: string }
  | { kind: 'method_not_allowed'; method: string; path: string; allowed: readonly string[] }
  | { kind: 'request_timeout' }
  | { kind: 'body_too_large'; limitBytes: number }
  /** `mostParts` objects, arrays and members; `mostLevels` of them within each other. */
  | { kind: 'body_too_complex'; mostParts: number; mostLevels: number }
  | { kind: 'headers_too_large'; limitBytes: number }
  | { kind: 'unsupported_media_type'; what: string }
  | { kind: 'caller_left' }
  | { kind: 'rate_limited'; message: string; retryAfterMs: number }
  | { kind: 'quota_exceeded'; message: string }
  /** The request needs more than a limit ever allows. */
  | { kind: 'over_limit'; message: string }
  | { kind: 'queue_full'; retryAfterMs: number }
  /** Something millrace needs is away for a moment; `what` is a word like `queue`, never a host. */
  | { kind: 'out_of_reach'; what: string; retryAfterMs: number }
  | { kind: 'not_ready'; reasons: readonly string[] }
  | { kind: 'model_not_servable'; model: string; reason: string }
  | { kind: 'deadline_exceeded'; deadline: Deadline; limitMs: number }
  /** Every attempt failed; the message is one sentence without prompts, hosts and paths. */
  | { kind: 'generation_failed'; message: string }
  | { kind: 'internal' };

/** Thrown where a request ends without success. The cause is for the log only. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly problem: ApiProblem,
    options?: ErrorOptions,
  ) {
    super(problem.kind, options);
  }
}
