import { connect, type Socket } from 'node:net';
import type { DevFacts } from './npm-start.js';

/** A chat completion over a bare HTTP/1.1 connection, which a test can end as it likes. */
export interface RawCall {
  /** Everything that has come back so far. */
  received(): string;
  /** Resolves when what has come back contains this; never, when it does not. */
  until(text: string): Promise<void>;
  hangUp(how: HangUp): void;
}

/** `FIN` closes the connection, `RST` resets it. */
export type HangUp = 'FIN' | 'RST';

/** Sends the call and keeps its connection open. */
export function callRaw(dev: DevFacts, body: object, headers: Readonly<Record<string, string>> = {}): RawCall {
  const { hostname, port } = new URL(dev.baseUrl);
  const socket = connect(Number(port), hostname);
  let received = '';
  const watchers = new Set<() => void>();
  socket.setEncoding('utf8');
  socket.on('data', (text: string) => {
    received += text;
    for (const watch of watchers) watch();
  });
  // Connections that break are what these tests are about.
  socket.on('error', () => undefined);
  socket.write(requestText(dev, body, headers));
  return {
    received: () => received,
    until: (text) =>
      new Promise((resolve) => {
        const watch = (): void => {
          if (!received.includes(text)) return;
          watchers.delete(watch);
          resolve();
        };
        watchers.add(watch);
        watch();
      }),
    hangUp: (how) => endSocket(socket, how),
  };
}

function endSocket(socket: Socket, how: HangUp): void {
  if (how === 'RST') socket.resetAndDestroy();
  else socket.destroy();
}

function requestText(dev: DevFacts, body: object, headers: Readonly<Record<string, string>>): string {
  const text = JSON.stringify({ model: dev.model, messages: [{ role: 'user', content: 'Hi' }], ...body });
  const fields = {
    host: 'millrace',
    connection: 'keep-alive',
    authorization: `Bearer ${dev.apiKey}`,
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(text)),
    ...headers,
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST /v1/chat/completions HTTP/1.1\r\n${lines.join('')}\r\n${text}`;
}
