import { z } from 'zod';
import { ApiError } from '../http/api-error.js';

const DEFAULT_LIMIT = 20;
const LARGEST_LIMIT = 100;

/** What of a caller's parameter name an answer repeats. */
const LONGEST_ECHO = 100;

/** The query parameter that says how many entries an answer has at most. */
export function limitParameter(largest: number) {
  const expected = `Expected an integer from 1 to ${String(largest)}`;
  return z.string().regex(/^\d+$/, expected).transform(Number).pipe(z.int().min(1, expected).max(largest, expected));
}

/** The query parameters of every list; one that takes filters extends it by them. */
export const listQuerySchema = z.strictObject({
  limit: limitParameter(LARGEST_LIMIT).default(DEFAULT_LIMIT).describe('Most entries of the answer.'),
  after: z
    .string()
    .regex(/^[\w./:-]{1,200}$/, 'Expected the id of an entry')
    .optional()
    .describe('Id of the last entry of the part before.'),
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
  after?: string | undefined;
}

/** A part of a list as it goes over HTTP. */
export interface ListPage<Entry> {
  object: 'list';
  data: Entry[];
  hasMore: boolean;
}

type Query = Readonly<Record<string, unknown>>;

/** Reads `?limit=20&after=`. Throws ApiError for another parameter, a wrong value or one that is there twice. */
export function readListQuery(query: Query): ListQuery {
  return readQuery(query, listQuerySchema);
}

/** Reads query parameters by a strict schema of texts. Throws ApiError that names the one that is wrong. */
export function readQuery<Schema extends z.ZodObject>(query: Query, schema: Schema): z.output<Schema> {
  const parsed = schema.safeParse(query);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  if (issue?.code === 'unrecognized_keys') {
    const param = (issue.keys[0] ?? '').slice(0, LONGEST_ECHO);
    const taken = inWords(Object.keys(schema.shape));
    throw refuseQuery(param, `Unknown query parameter: '${param}'. This URL takes ${taken}.`);
  }
  const param = String(issue?.path[0] ?? '');
  const complaint = Array.isArray(query[param]) ? 'Expected it once' : (issue?.message ?? '');
  throw refuseQuery(param, `Invalid query parameter: '${param}'. ${complaint}.`);
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

/** A part of a list that a store has read, as it goes over HTTP. */
export function listPage<Row, Entry>(
  page: { entries: readonly Row[]; hasMore: boolean },
  toWire: (row: Row) => Entry,
): ListPage<Entry> {
  return { object: 'list', data: page.entries.map(toWire), hasMore: page.hasMore };
}

function inWords(names: readonly string[]): string {
  return names.join(', ').replace(/, (?=[^,]*$)/, ' and ');
}

/** The answer to a query parameter that cannot be used. */
export function refuseQuery(param: string, message: string): ApiError {
  return new ApiError({ kind: 'invalid_request', error: { message, param, code: 'invalid_query_parameter' } });
}
