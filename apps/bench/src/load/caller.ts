import { connect, type Socket } from 'node:net';
import { AnswerReader } from './answer-reader.js';
import type { Endpoint } from './load-order.js';

export interface Answer {
  /** By performance.now(); left out when no content came. */
  firstTokenAtMs?: number;
  complete: boolean;
  problem?: string;
}

/** A request whose answer is on its way. */
export interface OpenRequest {
  started: Promise<boolean>;
  ended: Promise<Answer>;
}

/**
 * Asks over kept-alive connections, each for one request at a time, and opens another one when none is free.
 *
 * Plain sockets instead of autocannon or an HTTP client: autocannon sends the requests of a rate in one go at the
 * start of each second and never more than it has connections for, and an HTTP client takes longer to send 128
 * requests than millrace to start them.
 */
export class Caller {
  private readonly free: Socket[] = [];
  private readonly all = new Set<Socket>();
  private readonly requests: readonly Buffer[];
  private asked = 0;

  constructor(private readonly endpoint: Endpoint) {
    const { keys, headers } = endpoint;
    const variants = keys?.map((key) => ({ ...headers, authorization: `Bearer ${key}` })) ?? [headers];
    this.requests = variants.map((variant) => requestBytes({ ...endpoint, headers: variant }));
  }

  ask(): OpenRequest {
    const socket = this.free.pop() ?? this.open();
    const reader = new AnswerReader();
    let begin: (started: boolean) => void;
    const started = new Promise<boolean>((resolve) => (begin = resolve));
    const ended = new Promise<Answer>((resolve) => {
      let firstTokenAtMs: number | undefined;
      const end = (complete: boolean) => {
        socket.off('data', onData).off('close', onClose);
        if (complete) this.free.push(socket);
        else socket.destroy();
        begin(firstTokenAtMs !== undefined);
        const problem = complete ? {} : { problem: reader.problem() };
        resolve({ ...(firstTokenAtMs !== undefined && { firstTokenAtMs }), complete, ...problem });
      };
      const onData = (data: Buffer) => {
        const state = reader.read(data);
        if (state === 'broken') return end(false);
        if (firstTokenAtMs === undefined && state !== 'waiting') {
          firstTokenAtMs = performance.now();
          begin(true);
        }
        if (state === 'complete') end(true);
      };
      const onClose = () => end(false);
      socket.on('data', onData).on('close', onClose);
    });
    socket.write(this.nextRequest());
    return { started, ended };
  }

  /** Ends every connection, with whatever is still open on it. */
  close(): void {
    for (const socket of this.all) socket.destroy();
  }

  private nextRequest(): Buffer {
    const request = this.requests[this.asked % this.requests.length];
    this.asked += 1;
    return request ?? Buffer.alloc(0);
  }

  private open(): Socket {
    const socket = connect({ host: this.endpoint.host, port: this.endpoint.port, noDelay: true });
    this.all.add(socket);
    // The answer's own `close` tells; a free connection that the server closes is not used again.
    socket.on('error', () => undefined);
    socket.on('close', () => {
      this.all.delete(socket);
      const at = this.free.indexOf(socket);
      if (at !== -1) this.free.splice(at, 1);
    });
    return socket;
  }
}

/** A request as it goes over the wire. */
export function requestBytes({ host, port, headers, body }: Endpoint): Buffer {
  const fields = { host: `${host}:${String(port)}`, 'content-type': 'application/json', ...headers };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  const length = `content-length: ${String(Buffer.byteLength(body))}\r\n`;
  return Buffer.from(`POST /v1/chat/completions HTTP/1.1\r\n${lines.join('')}${length}\r\n${body}`);
}
