import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { requestBytes } from './caller.js';
import type { Endpoint, LoadOrder, LoadResult } from './load-order.js';

const CONNECTIONS = 64;
const REFUSED = 'HTTP/1.1 401';
/** What is due is sent together this often. */
const SEND_EVERY_MS = 5;
/** How long the last answers may take. */
const LAST_ANSWERS_MS = 1_000;

/** Guesses keys: so many requests a second, whatever comes back, each with a well-formed key that does not exist. */
export async function runWrongKeys({
  endpoint,
  perSecond,
  seconds,
}: LoadOrder & { kind: 'wrong-keys' }): Promise<LoadResult> {
  const sockets = await Promise.all(Array.from({ length: CONNECTIONS }, () => open(endpoint.host, endpoint.port)));
  let refused = 0;
  for (const socket of sockets) socket.on('data', (data: Buffer) => (refused += count(data.toString('latin1'))));
  const beganAtMs = performance.now();
  let sent = 0;
  while (sent < perSecond * seconds) {
    const due = Math.min(((performance.now() - beganAtMs) * perSecond) / 1_000, perSecond * seconds);
    for (; sent < due; sent += 1) sockets[sent % CONNECTIONS]?.write(guess(endpoint));
    await wait(SEND_EVERY_MS);
  }
  const measuredSeconds = (performance.now() - beganAtMs) / 1_000;
  for (let waitedMs = 0; refused < sent && waitedMs < LAST_ANSWERS_MS; waitedMs += SEND_EVERY_MS)
    await wait(SEND_EVERY_MS);
  for (const socket of sockets) socket.destroy();
  return { complete: refused, broken: sent - refused, seconds: measuredSeconds, latencyMs: { p50: 0, p99: 0, max: 0 } };
}

async function open(host: string, port: number): Promise<Socket> {
  const socket = connect({ host, port, noDelay: true });
  await once(socket, 'connect');
  socket.on('error', () => undefined);
  return socket;
}

function guess(endpoint: Endpoint): Buffer {
  const key = `mr-inference-${randomBytes(32).toString('base64url')}`;
  return requestBytes({ ...endpoint, headers: { ...endpoint.headers, authorization: `Bearer ${key}` } });
}

function count(text: string): number {
  return text.split(REFUSED).length - 1;
}
