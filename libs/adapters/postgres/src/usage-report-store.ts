import type { UsageInterval, UsagePeriod } from '@millrace/domain/metering';
import type { DataSource } from 'typeorm';

/** What usage can be told apart by, in the order in which a report sorts. */
export const USAGE_GROUPS = ['tenant', 'key', 'agent', 'model', 'deployment'] as const;

export type UsageGroup = (typeof USAGE_GROUPS)[number];

const COLUMNS: Readonly<Record<UsageGroup, string>> = {
  tenant: 'tenant_id',
  key: 'key_id',
  agent: 'agent_id',
  model: 'model',
  deployment: 'deployment_id',
};

/** The usage that is wanted. */
export interface UsageQuestion extends UsagePeriod {
  interval: UsageInterval;
  groupBy: ReadonlySet<UsageGroup>;
  /** Only usage of this tenant, key and so on. */
  filters: Readonly<Partial<Record<UsageGroup, string>>>;
}

/** Which part of a report is wanted: behind the row with this place. */
export interface ReportPart {
  limit: number;
  after?: readonly string[] | undefined;
}

/** What one group has used in one interval. */
export interface UsageSum {
  start: Date;
  /** The ids (of a model, its name) of the groups that were asked for; that of an agent is empty for usage without one. */
  groups: Partial<Record<UsageGroup, string>>;
  requests: number;
  promptTokens: number;
  cachedTokens: number;
  completionTokens: number;
  reasoningTokens: number;
  /** Where it stands in the report; the next part begins behind the last one's. */
  place: readonly string[];
}

type Row = Record<string, string>;

/** Reads the sums of usage, by time and then by group, in parts. */
export class UsageReportStore {
  constructor(private readonly dataSource: DataSource) {}

  async ofTenant(tenantId: string, question: UsageQuestion, part: ReportPart): Promise<UsageSum[]> {
    return this.forOperator({ ...question, filters: { ...question.filters, tenant: tenantId } }, part);
  }

  /** The usage of all tenants. */
  async forOperator(question: UsageQuestion, part: ReportPart): Promise<UsageSum[]> {
    const groups = USAGE_GROUPS.filter((group) => question.groupBy.has(group));
    const { statement, values } = reportStatement(question, part, groups);
    const rows = await this.dataSource.query<Row[]>(statement, values);
    return rows.map((row) => toSum(row, groups));
  }
}

/** Instants travel as milliseconds, so that no time zone and no format comes between. */
function reportStatement(question: UsageQuestion, { limit, after }: ReportPart, groups: readonly UsageGroup[]) {
  const values: unknown[] = [question.interval, question.startMs, question.endMs, limit];
  const given = (value: unknown): string => `$${String(values.push(value))}`;
  const conditions = USAGE_GROUPS.flatMap((group) => {
    const wanted = question.filters[group];
    return wanted === undefined ? [] : [`${COLUMNS[group]} = ${given(wanted)}`];
  });
  const order = ['start_at', ...groups.map((group) => COLUMNS[group])].join(', ');
  if (after !== undefined) {
    const [startMs, ...ids] = after;
    const place = [`to_timestamp(${given(startMs)}::float8 / 1000)`, ...ids.map((id) => given(id))];
    conditions.push(`(${order}) > (${place.join(', ')})`);
  }
  const statement = `
    SELECT (extract(epoch FROM start_at) * 1000)::bigint AS start_ms, ${order}, sum(requests) AS requests,
      sum(prompt_tokens) AS prompt_tokens, sum(cached_tokens) AS cached_tokens,
      sum(completion_tokens) AS completion_tokens, sum(reasoning_tokens) AS reasoning_tokens
    FROM usage_rollups
    WHERE ${['granularity = $1', ...conditions].join(' AND ')}
      AND start_at >= to_timestamp($2::float8 / 1000) AND start_at < to_timestamp($3::float8 / 1000)
    GROUP BY ${order} ORDER BY ${order} LIMIT $4`;
  return { statement, values };
}

function toSum(row: Row, groups: readonly UsageGroup[]): UsageSum {
  const ids = groups.map((group) => row[COLUMNS[group]] ?? '');
  return {
    start: new Date(Number(row['start_ms'])),
    groups: Object.fromEntries(groups.map((group, index) => [group, ids[index]])),
    requests: Number(row['requests']),
    promptTokens: Number(row['prompt_tokens']),
    cachedTokens: Number(row['cached_tokens']),
    completionTokens: Number(row['completion_tokens']),
    reasoningTokens: Number(row['reasoning_tokens']),
    place: [row['start_ms'] ?? '', ...ids],
  };
}
