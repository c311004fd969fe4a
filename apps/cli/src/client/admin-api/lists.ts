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
}

/** What is listed, and how an entry is read. */
export interface ListSubject<Schema extends z.ZodType> {
  path: string;
  query?: AdminRequest['query'];
  entry: Schema;
  /** What `after` takes. */
  idOf: (entry: z.output<Schema>) => string;
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
    const limit = wish.limit ?? LARGEST_PAGE;
    const { text, body } = await readPart(api, subject, { limit, ...(after !== undefined && { after }) });
    data.push(...body.data);
    raw.push(...(JSON.parse(text) as List<unknown>).data);
    const last = body.data.at(-1);
    if (!body.hasMore) break;
    if (last === undefined) throw new ClientError(`${subject.path} says that more follows an empty part: report it.`);
    after = subject.idOf(last);
  }
  const text = JSON.stringify({ object: 'list', data: raw, hasMore: false });
  return { text, body: { object: 'list', data, hasMore: false } };
}

function readPart<Schema extends z.ZodType>(
  api: AdminApi,
  { path, query, entry }: ListSubject<Schema>,
  { limit, after }: ListWish,
): Promise<Received<List<z.output<Schema>>>> {
  const schema = z.object({ object: z.literal('list'), data: z.array(entry), hasMore: z.boolean() });
  return api.receive({ method: 'GET', path, query: { ...query, limit, after } }, schema);
}
