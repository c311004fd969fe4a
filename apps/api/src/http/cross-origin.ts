import type { IncomingMessage, ServerResponse } from 'node:http';

const allowed = ['authorization', 'content-type', 'accept', 'idempotency-key', 'if-match'];
const allowedFamilies = /^(?:openai|x-stainless|x-millrace)-[a-z0-9-]+$/;

const exposed = [
  ...['x-request-id', 'openai-processing-ms', 'retry-after', 'retry-after-ms', 'x-should-retry', 'x-millrace-warning'],
  'idempotent-replayed',
  ...['limit', 'remaining', 'reset'].flatMap((what) => [`x-ratelimit-${what}-requests`, `x-ratelimit-${what}-tokens`]),
].join(', ');

/** Lets pages of every origin read an answer: keys travel in a header that a browser never adds by itself. */
export const crossOriginHeaders = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': exposed,
} as const;

/** Sets them for requests that come from a page. */
export function allowCrossOrigin(request: IncomingMessage, response: ServerResponse): void {
  if (request.headers.origin === undefined) return;
  for (const [name, value] of Object.entries(crossOriginHeaders)) response.setHeader(name, value);
}

/** Whether a browser asks what it may send, before it sends it. */
export function isPreflight(request: IncomingMessage): boolean {
  return request.method === 'OPTIONS' && request.headers['access-control-request-method'] !== undefined;
}

/** The headers that answer a preflight. */
export function preflightHeaders(request: IncomingMessage): Record<string, string> {
  const asked = (request.headers['access-control-request-headers'] ?? '').toLowerCase().split(',');
  const family = asked.map((name) => name.trim()).filter((name) => allowedFamilies.test(name));
  return {
    'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
    'access-control-allow-headers': [...allowed, ...family].join(', '),
    'access-control-max-age': '7200',
    vary: 'access-control-request-headers',
  };
}
