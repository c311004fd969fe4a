import type { Socket } from 'node:net';
import { finished } from 'node:stream/promises';
import split2 from 'split2';

/**
 * Messages over a local socket, one line of JSON each. Both ends are this very program, so what comes is trusted as it is.
 * What is said to an end that is gone is heard by nobody; `closed` tells of it.
 */
export class MessageSocket<Incoming, Outgoing> {
  /** Resolves when nothing comes any more and all that came was heard. */
  readonly closed: Promise<void>;
  private listener: (message: Incoming) => void = () => undefined;

  constructor(private readonly socket: Socket) {
    const lines = socket.pipe(split2((line) => JSON.parse(line) as unknown));
    lines.on('data', (message: Incoming) => this.listener(message));
    // 'close' follows an error.
    socket.on('error', () => undefined);
    socket.on('close', () => lines.end());
    this.closed = finished(lines).catch(() => this.close());
  }

  /** The one listener from now on. */
  onMessage(listener: (message: Incoming) => void): void {
    this.listener = listener;
  }

  send(message: Outgoing): void {
    if (this.socket.writable) this.socket.write(`${JSON.stringify(message)}\n`);
  }

  close(): void {
    this.socket.destroy();
  }
}
