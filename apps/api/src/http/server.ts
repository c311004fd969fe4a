import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { rateLimitHeaders } from '@millrace/domain/admission';
import { newId } from '@millrace/platform/ids';
import type { Logger } from '@millrace/platform/observability';
import { ApiError } from './api-error.js';
import { clientErrorAnswerer, HEADERS_LIMIT_BYTES } from './client-error.js';
import { allowCrossOrigin, isPreflight, preflightHeaders } from './cross-origin.js';
import { answerThrown } from './error-answer.js';
import type { RouteTable } from './route-table.js';
import type { Traffic } from './traffic.js';
import { TurnLimit } from './turn-limit.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** When the headers had arrived. */
    receivedAtMs: number;
  }
}

const LOGGED_PATH = 200;
/** Silence on a connection after which the system asks whether the other side is still there. */
const KEEPALIVE_AFTER_MS = 15_000;
/** Upper bound for a request to arrive as a whole. */
const REQUEST_TIMEOUT_MS = 120_000;
/** A request costs some tenths of a millisecond until it waits for something. */
const REQUESTS_A_TURN = 4;
const LONGEST_MODEL_ID = 1_024;
const LIMITED_ROUTES: ReadonlySet<string> = new Set(['/v1/chat/completions']);
const NO_LIMITS = rateLimitHeaders([], []);
const PROBES: ReadonlySet<string> = new Set(['/livez', '/readyz', '/metrics']);

/** What the server tells of its requests, and to whom. */
export interface ServerParts {
  routes: RouteTable;
  traffic: Traffic;
  logger: Logger;
}

/** Fastify as the public API needs it. Bodies are left unread: each handler reads its own after authentication. */
export function createAdapter({ routes, traffic, logger }: ServerParts): FastifyAdapter {
  const adapter = new FastifyAdapter({
    logger: false,
    genReqId: () => newId('req'),
    requestIdHeader: false,
    requestTimeout: REQUEST_TIMEOUT_MS,
    // No timeout cuts a caller who waits for an answer; one that has vanished is found by keepalive.
    http: { maxHeaderSize: HEADERS_LIMIT_BYTES, keepAlive: true, keepAliveInitialDelay: KEEPALIVE_AFTER_MS },
    routerOptions: { maxParamLength: LONGEST_MODEL_ID, ignoreTrailingSlash: true },
    clientErrorHandler: clientErrorAnswerer(logger),
    frameworkErrors: answerUnroutable,
    skipMiddie: true,
  });
  const fastify = adapter.getInstance<FastifyInstance>();
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('*', (_request, _payload, done) => done(null));
  fastify.decorateRequest('receivedAtMs', 0);
  fastify.decorateRequest('principal', undefined);
  fastify.addHook('onRoute', (route) => routes.add(route.url, [route.method].flat()));
  const turns = new TurnLimit(REQUESTS_A_TURN);
  fastify.addHook('onRequest', (request, reply, done) => {
    begin(request, reply, { traffic, logger });
    if (isPreflight(request.raw)) void reply.status(204).headers(preflightHeaders(request.raw)).send();
    else if (isProbe(request)) done();
    else if (traffic.isStopping) refuse(reply);
    else turns.enter(done);
  });
  fastify.addHook('onSend', (request, reply) => {
    void reply.header('openai-processing-ms', String(Math.max(0, Date.now() - request.receivedAtMs)));
    return Promise.resolve();
  });
  return adapter;
}

/** Set on Node's own response, so that hijacked replies carry it too. */
function begin(request: FastifyRequest, reply: FastifyReply, parts: Omit<ServerParts, 'routes'>): void {
  request.receivedAtMs = Date.now();
  reply.raw.setHeader('x-request-id', request.id);
  allowCrossOrigin(request.raw, reply.raw);
  if (LIMITED_ROUTES.has(request.routeOptions.url ?? '')) tellNoLimits(reply);
  const { traffic, logger } = parts;
  if (!isProbe(request)) traffic.begin();
  reply.raw.once('close', () => {
    logRequest(request, reply, logger);
    if (!isProbe(request)) traffic.end({ route: request.routeOptions.url ?? '', status: reply.raw.statusCode });
  });
}

/** Until admission knows better, and for good where a caller's limits are not known or there are none. */
function tellNoLimits({ raw }: FastifyReply): void {
  for (const [name, value] of Object.entries(NO_LIMITS)) raw.setHeader(name, value);
}

function isProbe(request: FastifyRequest): boolean {
  return PROBES.has(pathOf(request));
}

function pathOf({ url }: FastifyRequest): string {
  return url.split('?', 1)[0] ?? '';
}

/** Whoever comes while the process stops is sent on: clients and load balancers try again, on another connection. */
function refuse(reply: FastifyReply): void {
  const { status, body, headers } = answerThrown(new ApiError({ kind: 'not_ready', reasons: ['it is stopping'] }));
  void reply
    .status(status)
    .headers({ ...headers, connection: 'close' })
    .send(body);
}

/** The one line each request leaves in the log. */
function logRequest(request: FastifyRequest, reply: FastifyReply, logger: Logger): void {
  const path = pathOf(request);
  const entry = {
    requestId: request.id,
    method: request.method,
    // The caller chooses its length; the log keeps what tells routes apart.
    path: path.slice(0, LOGGED_PATH),
    status: reply.raw.statusCode,
    complete: reply.raw.writableFinished,
    durationMs: Math.max(0, Date.now() - request.receivedAtMs),
  };
  if (isProbe(request)) logger.debug(entry, 'request');
  else logger.info(entry, 'request');
}

/** The router could not read the URL; hooks do not run for such a request. */
function answerUnroutable(_error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const failure = new ApiError({ kind: 'malformed_http', what: 'the URL cannot be read' });
  const { status, body, headers } = answerThrown(failure);
  void reply
    .status(status)
    .headers({ ...headers, 'x-request-id': request.id, 'openai-processing-ms': '0' })
    .send(body);
}
