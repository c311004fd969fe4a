import { z } from 'zod';
import { ApiError } from '../http/api-error.js';

const DEFAULT_LIMIT = 20;
const LARGEST_LIMIT = 100;

/** What of a caller's parameter name an answer repeats. */
const LONGEST_ECHO = 100;

/** The query parameters of every list. */
export const listQuerySchema = z.strictObject({
  limit: z
    .string()
    .regex(/^\d+$/)
    .transform(Number)
    .pipe(z.int().min(1).max(LARGEST_LIMIT))
    .default(DEFAULT_LIMIT)
    .describe('Most entries of the answer.'),
  after: z.string().min(1).optional().describe('Id of the last entry of the part before.'),
});

/** The schema of a part of a list. */
export function listOf<Entry extends z.ZodType>(entry: Entry) {
  return z.object({
    object: z.literal('list'),
    data: z.array(entry).describe('Newest first.'),
    hasMore: z.boolean().describe('Whether entries follow: ask again with `after`.'),
  });
}

/** Which part of a list is wanted. */
export interface ListQuery {
  /** Most entries of the answer. */
  limit: number;
  /** Id of the last entry of the part before. */
  after: string | undefined;
}

/** A part of a list as it goes over HTTP. */
export interface ListPage<Entry> {
  object: 'list';
  data: Entry[];
  hasMore: boolean;
}

/** Reads `?limit=20&after=`. Throws ApiError for another parameter, a wrong value or one that is there twice. */
export function readListQuery(query: Readonly<Record<string, unknown>>): ListQuery {
  const unknown = Object.keys(query).find((name) => name !== 'limit' && name !== 'after');
  if (unknown !== undefined) {
    const param = unknown.slice(0, LONGEST_ECHO);
    throw refuse(param, `Unknown query parameter: '${param}'. This list takes limit and after.`);
  }
  const { limit, after } = query;
  if (after !== undefined && (typeof after !== 'string' || after === '')) {
    throw refuse('after', "Invalid query parameter: 'after'. Expected the id of an entry, once.");
  }
  if (limit === undefined) return { limit: DEFAULT_LIMIT, after };
  const parsed = listQuerySchema.shape.limit.safeParse(limit);
  if (parsed.success) return { limit: parsed.data, after };
  throw refuse(
    'limit',
    `Invalid query parameter: 'limit'. Expected an integer from 1 to ${String(LARGEST_LIMIT)}, once.`,
  );
}

/** The wanted part of all entries, newest first. Ids grow with time, so a part also continues behind an entry that is gone. */
export function pageOf<Entry>(
  entries: readonly Entry[],
  { limit, after }: ListQuery,
  idOf: (entry: Entry) => string,
): ListPage<Entry> {
  const behind = entries.filter((entry) => after === undefined || idOf(entry) < after);
  const newestFirst = behind.sort((one, other) => (idOf(one) < idOf(other) ? 1 : -1));
  return { object: 'list', data: newestFirst.slice(0, limit), hasMore: newestFirst.length > limit };
}

function refuse(param: string, message: string): ApiError {
  return new ApiError({ kind: 'invalid_request', error: { message, param, code: 'invalid_query_parameter' } });
}
