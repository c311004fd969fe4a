import type { EventPlace, EventStore, FleetEvent } from '@millrace/adapters/postgres';
import type { Logger } from '@millrace/platform/observability';

/** What the feed reads from. */
export type EventLog = Pick<EventStore, 'now' | 'readAfter' | 'listen' | 'forgetOld'>;

/** Who watches: is handed every event that follows the place at which it began, in order. */
export interface Watcher {
  take(event: FleetEvent): void;
  /** The process stops. */
  end(): void;
}

const PART = 500;
/** How soon events are looked for that a transaction still under way holds back. */
const PENDING_MS = 25;
/** Look again this often even when nobody has said that something was written: the listening connection may be broken. */
const UNHEARD_MS = 1_000;
const FORGET_MS = 60_000;

/**
 * Reads the log of events once for all who watch in this process; nothing is read while nobody does. Owns its place.
 * While Postgres is away nothing is told, and nothing is lost.
 */
export class EventFeed {
  private readonly watchers = new Set<Watcher>();
  private readonly forgetting: NodeJS.Timeout;
  /** All events up to here have been handed to whoever watches. */
  private place: EventPlace | undefined;
  private starting: Promise<void> | undefined;
  private reading = false;
  private again = false;
  private stopListening: () => void = () => undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly log: EventLog,
    private readonly logger: Logger,
  ) {
    this.forgetting = setInterval(() => this.forget(), FORGET_MS).unref();
  }

  /** Makes a watcher, who is handed what follows the given place from then on. Throws what the store throws. */
  async join<Made extends Watcher>(make: (liveAt: EventPlace) => Made): Promise<Made> {
    for (;;) {
      if (this.place !== undefined) {
        const watcher = make(this.place);
        this.watchers.add(watcher);
        return watcher;
      }
      this.starting ??= this.start();
      await this.starting;
    }
  }

  leave(watcher: Watcher): void {
    if (this.watchers.delete(watcher) && this.watchers.size === 0) this.pause();
  }

  /** Ends every watcher. */
  close(): void {
    clearInterval(this.forgetting);
    for (const watcher of this.watchers) watcher.end();
    this.watchers.clear();
    this.pause();
  }

  private async start(): Promise<void> {
    try {
      this.place = await this.log.now();
      this.stopListening = this.log.listen(() => void this.read());
      this.lookAgainIn(UNHEARD_MS);
    } finally {
      this.starting = undefined;
    }
  }

  private pause(): void {
    this.place = undefined;
    clearTimeout(this.timer);
    this.stopListening();
    this.stopListening = () => undefined;
  }

  /** Reads until nothing follows. Reads never overlap. */
  private async read(): Promise<void> {
    this.again = true;
    if (this.reading) return;
    this.reading = true;
    let waitMs = UNHEARD_MS;
    try {
      while (this.again && this.place !== undefined) {
        this.again = false;
        const { events, more, pending } = await this.log.readAfter(this.place, { limit: PART });
        this.handOver(events);
        if (more) this.again = true;
        if (pending) waitMs = PENDING_MS;
      }
    } catch (error) {
      this.logger.warn({ err: error }, 'events could not be read; trying again');
    } finally {
      this.reading = false;
    }
    if (this.place !== undefined) this.lookAgainIn(waitMs);
  }

  private handOver(events: readonly FleetEvent[]): void {
    // Everybody may have left meanwhile, and somebody else come: then these are not theirs.
    const newest = events.at(-1);
    if (this.place === undefined || newest === undefined) return;
    this.place = newest.place;
    for (const event of events) for (const watcher of this.watchers) watcher.take(event);
  }

  private lookAgainIn(waitMs: number): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.read(), waitMs);
  }

  private forget(): void {
    this.log.forgetOld().catch((error: unknown) => {
      this.logger.warn({ err: error }, 'old events could not be forgotten; the next try is in a minute');
    });
  }
}
