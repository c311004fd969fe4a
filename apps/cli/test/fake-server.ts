import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A request as it came in. */
export interface Heard {
  method: string;
  /** With its query. */
  url: string;
  headers: IncomingHttpHeaders;
  body: unknown;
}

/** What is answered; `break` closes the connection without a word, `stay-silent` never answers. */
export type Reply =
  { status?: number; headers?: Record<string, string>; json?: unknown; text?: string } | 'break' | 'stay-silent';

/** A server on loopback that answers what a test says and remembers what it was asked. */
export interface FakeServer {
  url: string;
  heard: Heard[];
  /** Answers the next requests, by `METHOD path`; a list is used up one by one, its last reply stays. */
  replies: Record<string, Reply | Reply[]>;
  stop(): Promise<void>;
}

export async function startFakeServer(): Promise<FakeServer> {
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { method = '', url = '', headers } = request;
      fake.heard.push({ method, url, headers, body: body === '' ? undefined : (JSON.parse(body) as unknown) });
      const reply = nextReply(fake.replies, `${method} ${url.split('?')[0] ?? ''}`);
      if (reply === 'break') return request.socket.destroy();
      if (reply === 'stay-silent') return;
      const { status = 200, headers: extra = {}, json, text: plain } = reply;
      const type = json === undefined ? 'text/html' : 'application/json; charset=utf-8';
      response.writeHead(status, { 'content-type': type, ...extra });
      response.end(json === undefined ? plain : JSON.stringify(json));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const stop = async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  };
  const fake: FakeServer = { url: `http://127.0.0.1:${String(port)}`, heard: [], replies: {}, stop };
  return fake;
}

/** As millrace refuses what it does not know. */
const UNKNOWN: Reply = {
  status: 404,
  json: {
    error: { message: 'Unknown request URL.', type: 'invalid_request_error', param: null, code: 'route_not_found' },
  },
};

function nextReply(replies: FakeServer['replies'], asked: string): Reply {
  const found = replies[asked] ?? UNKNOWN;
  if (!Array.isArray(found)) return found;
  return (found.length > 1 ? found.shift() : found[0]) ?? UNKNOWN;
}
