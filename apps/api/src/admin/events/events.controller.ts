import { Controller, Get, Inject, Query, Req, Res } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { EventStore, type EventPlace, type FleetEvent } from '@millrace/adapters/postgres';
import type { Logger } from '@millrace/platform/observability';
import { Access } from '../../authentication/access.js';
import { ApiKeyAuthenticator } from '../../authentication/api-key-authenticator.js';
import { ApiError } from '../../http/api-error.js';
import { LOGGER } from '../../http/logger-token.js';
import { Describe } from '../../openapi/describe.js';
import { listOf, listPage, readQuery } from '../list-query.js';
import { EventFeed } from './event-feed.js';
import { readPlace } from './event-place.js';
import { EventStream, type EventStreamOptions } from './event-stream.js';
import { eventOnWire, eventQuery, eventSchema } from './events-schema.js';

const BEAT_MS = 15_000;
const PART = 500;
const DEFAULT_LIMIT = 20;

type Wanted = Pick<ReturnType<typeof readQuery<typeof eventQuery>>, 'type' | 'resourceId'>;

/** A stream to open, and for whom. */
interface Opening extends Pick<EventStreamOptions, 'response' | 'from'> {
  wanted: Wanted;
  request: FastifyRequest;
}

/** GET /admin/v1/events: what happens, as it happens. For operators. */
@Access(['operator'])
@Controller('admin/v1/events')
export class EventsController {
  constructor(
    private readonly store: EventStore,
    private readonly feed: EventFeed,
    private readonly authenticator: ApiKeyAuthenticator,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  @Get()
  @Describe({
    ...{ operationId: 'watchEvents', summary: 'Watch what happens in the fleet and to what is administered' },
    details:
      'A stream of server-sent events that does not end by itself. With `Last-Event-ID` it goes on behind that event; ' +
      'without, it begins now. The newest 10,000 events are kept: where some in between are gone, an event `gap` comes ' +
      'first, and everything watched is to be read anew. With `Accept: application/json` the answer is a list of what ' +
      'has happened, newest first.',
    query: eventQuery,
    answer: listOf(eventSchema),
    otherForms: { 'text/event-stream': 'Each event as an `Event` in JSON, with its type as the name.' },
  })
  async watch(
    @Query() query: Record<string, unknown>,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const { limit = DEFAULT_LIMIT, after, ...wanted } = readQuery(query, eventQuery);
    if (wantsList(request)) {
      const filters = { types: wanted.type, resourceId: wanted.resourceId };
      const page = { limit, after: after === undefined ? undefined : readPlace(after) };
      await reply.send(listPage(await this.store.list(filters, page), eventOnWire));
      return;
    }
    await this.stream(wanted, request, reply);
  }

  /** Joins the feed first and then reads the past up to there, so that nothing falls between them. */
  private async stream(wanted: Wanted, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const resumeAt = readLastEventId(request);
    let liveAt: EventPlace | undefined;
    const stream = await this.feed.join((place) => {
      liveAt = place;
      reply.hijack();
      return this.open({ response: reply.raw, from: resumeAt ?? place, wanted, request });
    });
    if (reply.raw.destroyed) stream.end();
    await this.tellPast(stream, resumeAt, liveAt).catch((error: unknown) => {
      this.logger.warn({ err: error }, 'past events could not be told; the reader comes back for them');
      stream.end();
    });
  }

  private open(opening: Opening): EventStream {
    const { wanted, request, ...options } = opening;
    const beat = setInterval(() => void this.beat(stream, request), BEAT_MS);
    const stream: EventStream = new EventStream({
      ...options,
      wants: (event) => isWanted(event, wanted),
      onEnd: () => {
        clearInterval(beat);
        this.feed.leave(stream);
      },
    });
    return stream;
  }

  private async tellPast(
    stream: EventStream,
    resumeAt: EventPlace | undefined,
    liveAt: EventPlace | undefined,
  ): Promise<void> {
    if (resumeAt !== undefined) {
      if (await this.store.isForgotten(resumeAt)) stream.tellGap();
      for (let place = resumeAt, more = true; more && !stream.ended;) {
        const part = await this.store.readAfter(place, { ...(liveAt && { upTo: liveAt }), limit: PART });
        await stream.takePast(part.events);
        place = part.events.at(-1)?.place ?? place;
        more = part.more;
      }
    }
    stream.goLive();
  }

  /** A key that was withdrawn meanwhile ends the stream. */
  private async beat(stream: EventStream, { headers }: FastifyRequest): Promise<void> {
    try {
      await this.authenticator.authenticate(headers.authorization);
      stream.beat();
    } catch {
      stream.end();
    }
  }
}

function wantsList({ headers }: FastifyRequest): boolean {
  const accept = headers.accept ?? '';
  return accept.includes('application/json') && !accept.includes('text/event-stream');
}

function readLastEventId({ headers }: FastifyRequest): EventPlace | undefined {
  const header = headers['last-event-id'];
  if (header === undefined || header === '') return undefined;
  const place = typeof header === 'string' ? readPlace(header) : undefined;
  if (place !== undefined) return place;
  const message = "Invalid header 'Last-Event-ID': expected the id of an event.";
  throw new ApiError({ kind: 'invalid_request', error: { message, param: 'last-event-id', code: 'invalid_value' } });
}

function isWanted({ type, resourceId }: FleetEvent, wanted: Wanted): boolean {
  const kind = type.slice(0, type.indexOf('.'));
  const ofType = wanted.type === undefined || wanted.type.includes(type) || wanted.type.includes(kind);
  return ofType && (wanted.resourceId === undefined || wanted.resourceId === resourceId);
}
