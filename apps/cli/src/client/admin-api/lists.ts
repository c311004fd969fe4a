import { z } from 'zod';
import { ClientError } from '../client-error.js';
import type { AdminApi, Received } from './admin-api.js';
import type { AdminRequest } from './admin-request.js';

const LARGEST_PAGE = 100;

/** Which part of a list is wanted. */
export interface ListWish {
  all?: boolean;
  limit?: number;
  after?: string;
}

/** A list as the server answers it. */
export interface List<Entry> {
  object: 'list';
  data: Entry[];
  hasMore: boolean;
  next?: string | undefined;
}

/** What is listed, and how an entry is read. */
export interface ListSubject<Schema extends z.ZodType> {
  path: string;
  query?: AdminRequest['query'];
  entry: Schema;
  /** What `after` takes; left out for a list that says it as `next`. */
  idOf?: (entry: z.output<Schema>) => string;
  /** How many the server gives at once, when not 100. */
  largestPage?: number;
}

/** Reads one part of a list, or with `all` every part, which are then put together as one. */
export async function readList<Schema extends z.ZodType>(
  api: AdminApi,
  subject: ListSubject<Schema>,
  wish: ListWish,
): Promise<Received<List<z.output<Schema>>>> {
  if (wish.all !== true) return readPart(api, subject, wish);
  const data: z.output<Schema>[] = [];
  const raw: unknown[] = [];
  let { after } = wish;
  for (;;) {
    const limit = wish.limit ?? subject.largestPage ?? LARGEST_PAGE;
    const { text, body } = await readPart(api, subject, { limit, ...(after !== undefined && { after }) });
    data.push(...body.data);
    raw.push(...(JSON.parse(text) as List<unknown>).data);
    if (!body.hasMore) break;
    after = placeBehind(subject, body);
  }
  const text = JSON.stringify({ object: 'list', data: raw, hasMore: false });
  return { text, body: { object: 'list', data, hasMore: false } };
}

/** Where the next part begins. */
function placeBehind<Schema extends z.ZodType>(
  { path, idOf }: ListSubject<Schema>,
  { data, next }: List<z.output<Schema>>,
): string {
  const place = next ?? data.slice(-1).map((last) => idOf?.(last))[0];
  if (place !== undefined) return place;
  throw new ClientError(`${path} says that more follows, and not where: update the older of client and server.`);
}

function readPart<Schema extends z.ZodType>(
  api: AdminApi,
  { path, query, entry }: ListSubject<Schema>,
  { limit, after }: ListWish,
): Promise<Received<List<z.output<Schema>>>> {
  const schema = z.object({
    object: z.literal('list'),
    data: z.array(entry),
    hasMore: z.boolean(),
    next: z.string().optional(),
  });
  return api.receive({ method: 'GET', path, query: { ...query, limit, after } }, schema);
}
