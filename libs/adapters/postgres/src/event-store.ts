import { Client } from 'pg';
import type { DataSource } from 'typeorm';
import type { Page } from './newest-first.js';

/** A place in the log of events; those written later have higher ones, whichever commits first. */
export interface EventPlace {
  xid: bigint;
  id: bigint;
}

/** A change of state that is told to whoever watches. */
export interface FleetEvent {
  place: EventPlace;
  /** `runner.cordoned`, `replica.ready`, `tenant.created` … */
  type: string;
  resourceId: string;
  data: Readonly<Record<string, unknown>>;
  createdAt: Date;
}

/** By what events can be narrowed; a type is a whole one or what stands before its dot. */
export interface EventFilters {
  types?: readonly string[] | undefined;
  resourceId?: string | undefined;
}

/** A part of the log. */
export interface EventPart {
  events: FleetEvent[];
  /** Whether more can be read at once. */
  more: boolean;
  /** Whether events have been written whose place may still be overtaken: look again in a moment. */
  pending: boolean;
}

type Row = Omit<FleetEvent, 'place'> & { xid: string; id: string };

const KEPT = 10_000;
const RECONNECT_MS = 1_000;

/**
 * The log of events. A reader that goes by places misses none: an event is shown only once no transaction is open that
 * began before the one that wrote it, so nothing can appear behind a reader's back.
 */
export class EventStore {
  constructor(private readonly dataSource: DataSource) {}

  /** The place from which on nothing has been shown yet. */
  async now(): Promise<EventPlace> {
    const [row] = await this.dataSource.query<[{ xid: string }]>(`SELECT (${SETTLED} - 1)::text AS xid`);
    return { xid: BigInt(row.xid), id: LAST_ID };
  }

  /** What follows a place, up to another one, in order. */
  async readAfter(after: EventPlace, options: { upTo?: EventPlace; limit: number }): Promise<EventPart> {
    const { upTo, limit } = options;
    const [found] = await this.dataSource.query<[{ rows: Row[]; pending: boolean }]>(
      `SELECT (SELECT coalesce(jsonb_agg(to_jsonb(shown)), '[]') FROM (
          SELECT xid::text, id::text, type, resource_id AS "resourceId", data, created_at AS "createdAt" FROM events
          WHERE (xid, id) > ($1::bigint, $2::bigint) AND xid < ${SETTLED}
            AND ($3::bigint IS NULL OR (xid, id) <= ($3::bigint, $4::bigint))
          ORDER BY events.xid, events.id LIMIT $5) AS shown) AS rows,
        EXISTS (SELECT FROM events WHERE xid >= ${SETTLED}) AS pending`,
      [after.xid, after.id, upTo?.xid, upTo?.id, limit].map((value) =>
        typeof value === 'bigint' ? String(value) : value,
      ),
    );
    return { events: found.rows.map(toEvent), more: found.rows.length === limit, pending: found.pending };
  }

  /** Newest first. */
  async list(
    { types, resourceId }: EventFilters,
    { limit, after }: { limit: number; after?: EventPlace | undefined },
  ): Promise<Page<FleetEvent>> {
    const rows = await this.dataSource.query<Row[]>(
      `SELECT xid::text, id::text, type, resource_id AS "resourceId", data, created_at AS "createdAt" FROM events
       WHERE ($1::text[] IS NULL OR type = ANY($1) OR split_part(type, '.', 1) = ANY($1))
         AND ($2::text IS NULL OR resource_id = $2)
         AND ($3::bigint IS NULL OR (xid, id) < ($3::bigint, $4::bigint)) AND xid < ${SETTLED}
       ORDER BY events.xid DESC, events.id DESC LIMIT $5`,
      [types, resourceId, after && String(after.xid), after && String(after.id), limit + 1],
    );
    return { entries: rows.slice(0, limit).map(toEvent), hasMore: rows.length > limit };
  }

  /** Whether events that followed the place may be gone. */
  async isForgotten({ xid, id }: EventPlace): Promise<boolean> {
    const [first] = await this.dataSource.query<{ xid: string; id: string }[]>(
      'SELECT xid::text, id::text FROM events ORDER BY events.id LIMIT 1',
    );
    if (first === undefined || first.id === '1') return false;
    return id === LAST_ID ? xid < BigInt(first.xid) : id + 1n < BigInt(first.id);
  }

  /** Keeps the newest 10,000. */
  async forgetOld(): Promise<void> {
    await this.dataSource.query('DELETE FROM events WHERE id <= (SELECT max(id) FROM events) - $1', [KEPT]);
  }

  /** Calls back whenever events may have been written, on a connection of its own; answers how to stop. */
  listen(onWritten: () => void): () => void {
    const { url } = this.dataSource.options as { url?: string };
    return new Listening(url ?? '', onWritten).start();
  }
}

/** No transaction that is open, and none to come, has a lower number. */
const SETTLED = 'pg_snapshot_xmin(pg_current_snapshot())::text::bigint';
const LAST_ID = 2n ** 63n - 1n;

function toEvent({ xid, id, createdAt, ...event }: Row): FleetEvent {
  return { ...event, place: { xid: BigInt(xid), id: BigInt(id) }, createdAt: new Date(createdAt) };
}

/** A connection that hears of events; connects again for as long as it is wanted. */
class Listening {
  private client: Client | undefined;
  private retry: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    private readonly url: string,
    private readonly onWritten: () => void,
  ) {}

  start(): () => void {
    void this.connect();
    return () => {
      this.stopped = true;
      clearTimeout(this.retry);
      void this.client?.end().catch(() => undefined);
    };
  }

  /** Whatever was written while nobody listened is looked for once the connection is there. */
  private async connect(): Promise<void> {
    const client = new Client({ connectionString: this.url, application_name: 'millrace-events', keepAlive: true });
    this.client = client;
    client.on('error', () => this.reconnect(client));
    client.on('end', () => this.reconnect(client));
    client.on('notification', this.onWritten);
    try {
      await client.connect();
      await client.query('LISTEN millrace_events');
      this.onWritten();
    } catch {
      this.reconnect(client);
    }
  }

  private reconnect(client: Client): void {
    if (this.stopped || this.client !== client) return;
    this.client = undefined;
    void client.end().catch(() => undefined);
    this.retry = setTimeout(() => void this.connect(), RECONNECT_MS);
  }
}
