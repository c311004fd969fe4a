import { Controller, Get, Headers, Query, StreamableFile } from '@nestjs/common';
import { UsageReportStore, type UsageQuestion, type UsageSum } from '@millrace/adapters/postgres';
import type { Principal } from '@millrace/domain/tenancy';
import { Access, Caller } from '../authentication/access.js';
import { ApiError } from '../http/api-error.js';
import { Describe } from '../openapi/describe.js';
import { readUsageQuery, writePlace, type UsageWish } from './read-usage-query.js';
import { usageCsv } from './usage-csv.js';
import { usageQuery, usageReportSchema, usageRowSchema, type UsageReport, type UsageRow } from './usage-schema.js';

/** Rows that are read at a time for an answer that has all of them. */
const ROWS_A_PART = 5_000;

const FIELDS = {
  tenantId: 'tenant',
  keyId: 'key',
  agentId: 'agent',
  model: 'model',
  deploymentId: 'deployment',
} as const;

/** GET /admin/v1/usage: what was used, summed up by hour or day. For operators; a tenant's administrator sees its own. */
@Access(['operator', 'tenant-admin'])
@Controller('admin/v1/usage')
export class UsageController {
  constructor(private readonly reports: UsageReportStore) {}

  @Get()
  @Describe({
    operationId: 'getUsage',
    summary: 'Sum up usage by hour or day',
    details:
      'Sums are exact: a request is in them once, however it ended, as soon as its row is written, and in the interval in ' +
      'which it ended. An administrator of a tenant sees its own tenant only.',
    query: usageQuery,
    answer: usageReportSchema,
    otherForms: { 'text/csv': 'All rows, with a header line of the same names.' },
  })
  async read(
    @Caller() principal: Principal,
    @Query() query: Record<string, unknown>,
    @Headers('accept') accept = '',
  ): Promise<UsageReport | StreamableFile> {
    const wish = readUsageQuery(query, { accept, nowMs: Date.now() });
    const read = this.readerFor(principal, wish.question);
    return wish.format === 'csv' ? asCsv(wish.question, read) : asReport(wish, read);
  }

  private readerFor({ kind, tenantId }: Principal, question: UsageQuestion): ReadPart {
    if (kind === 'operator') return (part) => this.reports.forOperator(question, part);
    const asked = question.filters.tenant ?? tenantId;
    if (asked !== tenantId) throw new ApiError({ kind: 'resource_not_found', resource: 'tenant', id: asked });
    return (part) => this.reports.ofTenant(tenantId, question, part);
  }
}

type ReadPart = (part: { limit: number; after?: readonly string[] | undefined }) => Promise<UsageSum[]>;

async function asReport({ limit, after }: UsageWish, read: ReadPart): Promise<UsageReport> {
  const sums = await read({ limit: limit + 1, after });
  const data = sums.slice(0, limit);
  const last = data.at(-1);
  const hasMore = sums.length > limit;
  return { object: 'list', data: data.map(toRow), hasMore, ...(hasMore && last && { next: writePlace(last.place) }) };
}

/** The first part is read before anything is sent, so that a failure can still be an HTTP status. */
async function asCsv({ groupBy }: UsageQuestion, read: ReadPart): Promise<StreamableFile> {
  const names = Object.keys(usageRowSchema.shape) as (keyof UsageRow)[];
  const columns = names.filter((name) => !(name in FIELDS) || groupBy.has(FIELDS[name as keyof typeof FIELDS]));
  const first = await read({ limit: ROWS_A_PART });
  const stream = usageCsv(columns, rowsBehind(first, read));
  return new StreamableFile(stream, {
    type: 'text/csv; charset=utf-8; header=present',
    disposition: 'attachment; filename="usage.csv"',
  });
}

async function* rowsBehind(first: readonly UsageSum[], read: ReadPart): AsyncGenerator<UsageRow[]> {
  let sums = first;
  while (sums.length > 0) {
    yield sums.map(toRow);
    sums = sums.length < ROWS_A_PART ? [] : await read({ limit: ROWS_A_PART, after: sums.at(-1)?.place });
  }
}

function toRow({ groups, start, ...sum }: UsageSum): UsageRow {
  const { tenant, key, agent, model, deployment } = groups;
  const { requests, promptTokens, cachedTokens, completionTokens, reasoningTokens } = sum;
  return {
    ...(tenant !== undefined && { tenantId: tenant }),
    ...(key !== undefined && { keyId: key }),
    ...(agent !== undefined && { agentId: agent === '' ? null : agent }),
    ...(model !== undefined && { model }),
    ...(deployment !== undefined && { deploymentId: deployment }),
    start: start.toISOString(),
    ...{ requests, promptTokens, cachedTokens, completionTokens, reasoningTokens },
    totalTokens: promptTokens + completionTokens,
  };
}
