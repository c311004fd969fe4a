import type { ServerResponse } from 'node:http';
import type { EventPlace, FleetEvent } from '@millrace/adapters/postgres';
import { follows, writePlace } from './event-place.js';
import { eventOnWire } from './events-schema.js';
import type { Watcher } from './event-feed.js';

/** Events that wait for a reader who is slower than they come; beyond them it is let go and resumes where it was. */
const MOST_WAITING = 1_000;
/** A reader who takes nothing for this long is taken to have left. */
const STALLED_MS = 30_000;

export interface EventStreamOptions {
  response: ServerResponse;
  /** Where the reader is: what is not behind it is not sent. */
  from: EventPlace;
  wants: (event: FleetEvent) => boolean;
  onEnd: () => void;
}

/** Writes events as server-sent events to one reader. Owner of the response until it ends. */
export class EventStream implements Watcher {
  private readonly waiting: FleetEvent[] = [];
  private place: EventPlace;
  private live = false;
  private over = false;

  constructor(private readonly options: EventStreamOptions) {
    const { response, from } = options;
    this.place = from;
    response.on('close', () => this.finish());
    response.on('error', () => undefined);
    response.on('drain', () => this.writeWaiting());
    response.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-cache',
      'x-accel-buffering': 'no',
    });
    // Tells the reader where to go on, even when nothing happens.
    response.write(`retry: 1000\nid: ${writePlace(from)}\nevent: begin\ndata: {}\n\n`);
  }

  get ended(): boolean {
    return this.over;
  }

  /** What happens while the reader is still being handed the past waits. */
  take(event: FleetEvent): void {
    if (this.over) return;
    this.waiting.push(event);
    if (this.live) this.writeWaiting();
    if (this.waiting.length > MOST_WAITING) this.options.response.destroy();
  }

  /** Hands over a part of the past; resolves when there is room for the next. */
  async takePast(events: readonly FleetEvent[]): Promise<void> {
    for (const event of events) this.write(event);
    const { response } = this.options;
    if (this.over || !response.writableNeedDrain) return;
    const stalled = setTimeout(() => response.destroy(), STALLED_MS);
    await new Promise<void>((resolve) => {
      response.once('drain', resolve);
      response.once('close', resolve);
    });
    clearTimeout(stalled);
  }

  /** The past is told. */
  goLive(): void {
    this.live = true;
    this.writeWaiting();
  }

  /** Says that what has happened in between is not known any more: everything is to be read anew. */
  tellGap(): void {
    this.options.response.write('event: gap\ndata: {}\n\n');
  }

  /** Keeps proxies from taking the connection for dead. */
  beat(): void {
    if (!this.over && !this.options.response.writableNeedDrain) this.options.response.write(': \n\n');
  }

  end(): void {
    if (!this.over) this.options.response.end();
    this.finish();
  }

  private writeWaiting(): void {
    const { response } = this.options;
    while (this.live && !this.over && !response.writableNeedDrain) {
      const event = this.waiting.shift();
      if (event === undefined) return;
      this.write(event);
    }
  }

  private write(event: FleetEvent): void {
    if (this.over || !follows(event.place, this.place)) return;
    this.place = event.place;
    if (!this.options.wants(event)) return;
    const text = JSON.stringify(eventOnWire(event));
    this.options.response.write(`id: ${writePlace(event.place)}\nevent: ${event.type}\ndata: ${text}\n\n`);
  }

  private finish(): void {
    if (this.over) return;
    this.over = true;
    this.waiting.length = 0;
    this.options.onEnd();
  }
}
