import { setTimeout as delay } from 'node:timers/promises';
import type { EventSourceMessage } from 'eventsource-parser';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import { z } from 'zod';
import { ClientError } from '../client-error.js';
import type { AdminApi } from './admin-api.js';
import type { AdminRequest } from './admin-request.js';

export const eventSchema = z.looseObject({
  id: z.string(),
  type: z.string(),
  resourceId: z.string(),
  data: z.record(z.string(), z.unknown()).nullish(),
  createdAt: z.string().nullish(),
});
export type WatchedEvent = z.infer<typeof eventSchema>;

/** What a follower hears; `begin` comes after each break too, and `gap` when events in between are not known. */
export type Followed = { kind: 'begin' | 'gap' } | { kind: 'event'; event: WatchedEvent; text: string };

export interface FollowOptions {
  query?: AdminRequest['query'];
  /** Ends it. */
  signal: AbortSignal;
  /** Hears that the connection has broken, once each time. */
  onBroken: () => void;
}

const AGAIN_AFTER_MS = 500;

/**
 * What happens at the server, without end: a connection that breaks is made anew and goes on behind the last event.
 * Throws ClientError when the server refuses.
 */
export async function* followEvents(api: AdminApi, options: FollowOptions): AsyncGenerator<Followed> {
  const { query, signal, onBroken } = options;
  let lastEventId: string | undefined;
  let broken = false;
  while (!signal.aborted) {
    const headers = { accept: 'text/event-stream', 'last-event-id': lastEventId };
    const request: AdminRequest = { method: 'GET', path: '/admin/v1/events', headers, ...(query && { query }) };
    const answer = await api.openStream(request, signal);
    if (answer !== undefined) {
      broken = false;
      for await (const message of messagesOf(answer)) {
        lastEventId = message.id ?? lastEventId;
        yield followedOf(message);
      }
    }
    if (signal.aborted) return;
    if (!broken) onBroken();
    broken = true;
    await delay(AGAIN_AFTER_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** Until the connection ends, however it does. */
async function* messagesOf({ body }: Response) {
  if (body === null) return;
  const messages = body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
  try {
    for await (const message of messages) yield message;
  } catch {
    // It has broken; who follows connects again.
  }
}

function followedOf({ event, data }: EventSourceMessage): Followed {
  if (event === 'begin' || event === 'gap') return { kind: event };
  return { kind: 'event', event: readEvent(data), text: data };
}

function readEvent(text: string): WatchedEvent {
  const read = eventSchema.safeParse(JSON.parse(text));
  if (read.success) return read.data;
  throw new ClientError(
    'The server tells events in a form that this client does not know: update the older of the two.',
  );
}
