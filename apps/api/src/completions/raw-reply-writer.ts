import type { ServerResponse } from 'node:http';
import type { ReplyWriter } from './complete-chat-port.js';

const streamHeaders = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache',
  'x-accel-buffering': 'no',
};

/** A caller who takes nothing for this long is taken to have left: its answer occupies a slot. */
const STALLED_MS = 60_000;

/** Writes straight to Node's response, which Fastify has let go of. Owner of that response until it ends. */
export class RawReplyWriter implements ReplyWriter {
  private readonly leaving = new AbortController();
  private waiters: (() => void)[] = [];

  constructor(
    private readonly response: ServerResponse,
    private readonly receivedAtMs: number,
  ) {
    response.on('close', () => this.close());
    response.on('drain', () => this.wakeUp());
    // A write can fail while the connection breaks; 'close' follows and says so.
    response.on('error', () => undefined);
    response.socket?.setNoDelay(true);
    if (response.destroyed || response.socket?.destroyed === true) this.leaving.abort();
  }

  get started(): boolean {
    return this.response.headersSent;
  }

  get ended(): boolean {
    return this.response.writableEnded;
  }

  /** Aborted when the connection ends before the reply does. */
  get hungUp(): AbortSignal {
    return this.leaving.signal;
  }

  setHeaders(headers: Readonly<Record<string, string>>): void {
    if (this.response.headersSent) return;
    for (const [name, value] of Object.entries(headers)) this.response.setHeader(name, value);
  }

  startStream(headers: Readonly<Record<string, string>> = {}): void {
    this.response.writeHead(200, { ...streamHeaders, ...this.processingTime(), ...headers });
    // Headers leave at once, in one packet with whatever is written in this turn.
    const { socket } = this.response;
    socket?.cork();
    this.response.flushHeaders();
    process.nextTick(() => socket?.uncork());
  }

  write(events: string): boolean {
    return this.isGone() || events === '' || this.response.write(events);
  }

  drained(): Promise<void> {
    if (this.isGone() || !this.response.writableNeedDrain) return Promise.resolve();
    const stalled = setTimeout(() => this.response.destroy(), STALLED_MS);
    return new Promise((resolve) => {
      this.waiters.push(() => {
        clearTimeout(stalled);
        resolve();
      });
    });
  }

  end(): void {
    if (!this.isGone()) this.response.end();
  }

  sendJson(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): void {
    if (this.isGone()) return;
    const text = JSON.stringify(body);
    this.response.writeHead(status, {
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(text),
      ...this.processingTime(),
      ...headers,
    });
    this.response.end(text);
  }

  private processingTime(): Record<string, string> {
    return { 'openai-processing-ms': String(Math.max(0, Date.now() - this.receivedAtMs)) };
  }

  private isGone(): boolean {
    return this.leaving.signal.aborted || this.response.destroyed;
  }

  private close(): void {
    if (!this.response.writableEnded) this.leaving.abort();
    this.wakeUp();
  }

  private wakeUp(): void {
    const waiters = this.waiters;
    this.waiters = [];
    for (const resolve of waiters) resolve();
  }
}
