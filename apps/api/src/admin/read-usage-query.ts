import { z } from 'zod';
import { USAGE_GROUPS, type UsageQuestion } from '@millrace/adapters/postgres';
import { usagePeriod } from '@millrace/domain/metering';
import { readQuery, refuseQuery } from './list-query.js';
import { usageQuery, USUAL_ROWS } from './usage-schema.js';

/** What a caller wants to know, and as what. */
export interface UsageWish {
  question: UsageQuestion;
  format: 'json' | 'csv';
  limit: number;
  after: readonly string[] | undefined;
}

/** An instant that Postgres has, in milliseconds; then ids. */
const placeSchema = z.tuple([z.string().regex(/^(?:-\d{1,14}|\d{1,15})$/)], z.string());

/** What beside its query decides how a request for usage is read. */
export interface Asked {
  /** The header of this name; a `format` in the query comes first. */
  accept: string;
  nowMs: number;
}

/** Reads the query of GET /admin/v1/usage. Throws ApiError that names the parameter that is wrong. */
export function readUsageQuery(query: Readonly<Record<string, unknown>>, { accept, nowMs }: Asked): UsageWish {
  const read = readQuery(query, usageQuery);
  const { interval, limit, after } = read;
  const format = read.format ?? (/\btext\/csv\b/i.test(accept) ? 'csv' : 'json');
  if (format === 'csv' && (limit ?? after) !== undefined) {
    const param = limit === undefined ? 'after' : 'limit';
    throw refuseQuery(param, `Invalid query parameter: '${param}'. A CSV answer has all rows: leave it out.`);
  }
  const [fromMs, toMs] = [read.from, read.to].map((text) => (text === undefined ? undefined : Date.parse(text)));
  const period = usagePeriod({ interval, fromMs, toMs }, nowMs);
  if ('param' in period) {
    const { param, complaint } = period;
    throw refuseQuery(param, `Invalid query parameter: '${param}'. ${complaint}.`);
  }
  const named = read.groupBy?.split(',') ?? [];
  const groupBy = new Set(USAGE_GROUPS.filter((group) => named.includes(group)));
  const question = { ...period, interval, groupBy, filters: filtersOf(read) };
  return { question, format, limit: limit ?? USUAL_ROWS, after: readPlace(after, groupBy.size) };
}

function filtersOf({ tenantId, keyId, agentId, model, deploymentId }: z.output<typeof usageQuery>) {
  return {
    ...(tenantId !== undefined && { tenant: tenantId }),
    ...(keyId !== undefined && { key: keyId }),
    ...(agentId !== undefined && { agent: agentId }),
    ...(model !== undefined && { model }),
    ...(deploymentId !== undefined && { deployment: deploymentId }),
  };
}

/** A place in a report as a text for URLs. */
export function writePlace(place: readonly string[]): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

function readPlace(text: string | undefined, groups: number): string[] | undefined {
  if (text === undefined) return undefined;
  const parsed = placeSchema.safeParse(parseJson(Buffer.from(text, 'base64url').toString()));
  if (parsed.success && parsed.data.length === groups + 1 && parsed.data.every((id) => !id.includes('\0'))) {
    return parsed.data;
  }
  const param = 'after';
  const names = USAGE_GROUPS.join(', ');
  const complaint = `Expected next of the part before, with the same groupBy (of ${names}) and interval`;
  throw refuseQuery(param, `Invalid query parameter: '${param}'. ${complaint}.`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
