import type { AdminAnswer, AdminRequest } from './admin-request.js';

const MOST_TRIES = 3;
const AFTER_BROKEN_CONNECTION_MS = 200;
/** A person is told to come back later, rather than kept waiting longer than this. */
const LONGEST_WAIT_MS = 5_000;

/** "Not now": a limit, something that is away, or the first of two equal requests still being under way. */
const NOT_NOW = new Set([409, 429, 503]);

/** Codes of a connection that broke on the way. */
const BROKEN = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

/**
 * How long to wait before a request is sent again, undefined when it must not be. Only what changes nothing when it
 * is done twice is repeated: reading, and creating with an Idempotency-Key. `tries` counts those that were made.
 */
export function waitBeforeRepeatMs(
  request: AdminRequest,
  outcome: AdminAnswer | { code: string },
  tries: number,
): number | undefined {
  if (tries >= MOST_TRIES || !isRepeatable(request)) return undefined;
  if ('code' in outcome) return BROKEN.has(outcome.code) ? AFTER_BROKEN_CONNECTION_MS : undefined;
  if (!NOT_NOW.has(outcome.status)) return undefined;
  if (outcome.headers.get('x-should-retry') === 'false') return undefined;
  const waitMs = retryAfterMs(outcome.headers);
  return waitMs !== undefined && waitMs <= LONGEST_WAIT_MS ? waitMs : undefined;
}

/** When the server wants to be asked again; undefined when it does not say. */
export function retryAfterMs(headers: Headers): number | undefined {
  const precise = Number.parseFloat(headers.get('retry-after-ms') ?? '');
  const seconds = Number.parseFloat(headers.get('retry-after') ?? '');
  const waitMs = Number.isFinite(precise) ? precise : seconds * 1_000;
  return Number.isFinite(waitMs) && waitMs >= 0 ? waitMs : undefined;
}

/** Whether doing it twice has the effect of doing it once. */
function isRepeatable({ method, headers }: AdminRequest): boolean {
  return method === 'GET' || (method === 'POST' && headers?.['idempotency-key'] !== undefined);
}
