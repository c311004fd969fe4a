import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Metrics } from './metrics.js';

/** Probes and scrapes are few; whoever opens more connections waits. */
const MOST_CONNECTIONS = 64;
const REQUEST_TIMEOUT_MS = 5_000;

export interface HealthServerOptions {
  /** host:port; port 0 picks one. */
  listen: string;
  /** Why the process cannot serve now; empty when it can. */
  readiness: () => Promise<string[]>;
  metrics: Pick<Metrics, 'text' | 'contentType'>;
}

export interface HealthServer {
  /** host:port as bound. */
  address: string;
  close(): Promise<void>;
}

/** Serves /livez, /readyz and /metrics of a process without a public port. Throws when it cannot listen. */
export async function serveHealth(options: HealthServerOptions): Promise<HealthServer> {
  const server = createServer({ requestTimeout: REQUEST_TIMEOUT_MS, headersTimeout: REQUEST_TIMEOUT_MS });
  server.maxConnections = MOST_CONNECTIONS;
  server.on('request', (request, response) => {
    answer(request, options).then(
      (reply) => send(request, response, reply),
      () => send(request, response, json(500, { status: 'failed' })),
    );
  });
  const colon = options.listen.lastIndexOf(':');
  const host = options.listen.slice(0, colon);
  const port = await bind(server, { host, port: Number(options.listen.slice(colon + 1)) });
  return { address: `${host}:${String(port)}`, close: () => close(server) };
}

interface Reply {
  status: number;
  contentType: string;
  body: string;
}

async function answer(request: IncomingMessage, { readiness, metrics }: HealthServerOptions): Promise<Reply> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return json(405, { status: 'only GET is served' });
  switch (request.url?.split('?', 1)[0] ?? '') {
    case '/livez':
      return json(200, { status: 'live' });
    case '/readyz': {
      const reasons = await readiness();
      return reasons.length === 0 ? json(200, { status: 'ready' }) : json(503, { status: 'not ready', reasons });
    }
    case '/metrics':
      return { status: 200, contentType: metrics.contentType, body: await metrics.text() };
    default:
      return json(404, { status: 'not found: /livez, /readyz and /metrics are served' });
  }
}

function json(status: number, body: object): Reply {
  return { status, contentType: 'application/json; charset=utf-8', body: JSON.stringify(body) };
}

function send(request: IncomingMessage, response: ServerResponse, { status, contentType, body }: Reply): void {
  response.writeHead(status, { 'content-type': contentType, 'content-length': Buffer.byteLength(body) });
  response.end(request.method === 'HEAD' ? undefined : body);
}

function bind(server: Server, at: { host: string; port: number }): Promise<number> {
  const host = at.host.replace(/^\[(.*)\]$/, '$1');
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      const sentence = `MILLRACE_HEALTH_LISTEN: ${at.host}:${String(at.port)} cannot be used: ${error.message}.`;
      reject(new Error(`${sentence} Set it to another host:port, or to off.`, { cause: error }));
    });
    server.listen(at.port, host, () => resolve((server.address() as AddressInfo).port));
  });
}

async function close(server: Server): Promise<void> {
  const closed = new Promise((resolve) => server.close(resolve));
  server.closeAllConnections();
  await closed;
}
