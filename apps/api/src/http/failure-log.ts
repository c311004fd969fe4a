import type { Logger } from '@millrace/platform/observability';
import { ApiError } from './api-error.js';

/** Logs why a request did not succeed: what nobody foresaw with its stack, a refusal only by its kind. */
export function logFailure(logger: Logger, requestId: string, thrown: unknown): void {
  if (!(thrown instanceof ApiError) || thrown.problem.kind === 'internal') {
    logger.error({ requestId, err: thrown }, 'a request failed unexpectedly');
    return;
  }
  const { cause, problem } = thrown;
  if (cause !== undefined) logger.warn({ requestId, problem: problem.kind, err: cause }, 'a request failed');
  else logger.debug({ requestId, problem: problem.kind }, 'a request was refused');
}
