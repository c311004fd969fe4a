import { InvalidArgumentError, Option, type Command } from 'commander';
import { z } from 'zod';
import type { AdminApi } from '../admin-api/admin-api.js';
import type { AdminRequest } from '../admin-api/admin-request.js';
import { readList } from '../admin-api/lists.js';
import { addClientCommand, type Surroundings } from '../client-command.js';
import { instantBefore, names } from '../option-values.js';
import { numberCell, textCell, timeCell } from '../output/cells.js';
import { asLines, showList } from '../output/show.js';
import type { Column } from '../output/table.js';
import { findTenant, type TenantOptions } from './find-tenant.js';

const USAGE = '/admin/v1/usage';
const LARGEST_PAGE = 10_000;

const rowSchema = z.looseObject({
  tenantId: z.string().nullish(),
  keyId: z.string().nullish(),
  agentId: z.string().nullish(),
  model: z.string().nullish(),
  deploymentId: z.string().nullish(),
  start: z.string(),
  requests: z.number(),
  promptTokens: z.number(),
  cachedTokens: z.number(),
  completionTokens: z.number(),
  totalTokens: z.number(),
});
type UsageRow = z.infer<typeof rowSchema>;

const GROUPS = ['tenant', 'key', 'agent', 'model', 'deployment'] as const;
type Group = (typeof GROUPS)[number];

interface UsageOptions extends TenantOptions {
  groupBy: readonly Group[];
  interval: 'hour' | 'day';
  from?: string;
  to?: string;
  apiKey?: string;
  agent?: string;
  model?: string;
  deployment?: string;
  all?: boolean;
  csv?: boolean;
}

/** `./millrace usage`. */
export function addUsage(program: Command, surroundings: Surroundings): void {
  addClientCommand<UsageOptions>(program, surroundings, {
    usage: 'usage',
    summary: 'sum up requests and tokens by day or hour; a tenant sees its own',
    examples: [
      'usage --from 30d',
      'usage --tenant acme --group-by key,model --from 2026-11-01 --to 2026-12-01',
      'usage --interval hour --from 12h --csv',
    ],
    options: usageOptions(),
    async run(client, options) {
      const query = await queryOf(client.api, options);
      if (options.csv === true) {
        const answer = await client.api.send({ method: 'GET', path: USAGE, query, headers: { accept: 'text/csv' } });
        return client.terminal.print(asLines(answer.text));
      }
      const subject = { path: USAGE, query, entry: rowSchema, largestPage: LARGEST_PAGE };
      const { text, body } = await readList(client.api, subject, { all: options.all ?? false });
      const data = body.hasMore || body.data.length < 2 ? body.data : [...body.data, totalOf(body.data)];
      showList(client, columnsFor(options), { text, body: { ...body, data } });
    },
  });
}

function usageOptions(): Option[] {
  return [
    new Option('--group-by <names>', `what rows tell apart, of ${GROUPS.join(', ')}`)
      .argParser(groups)
      .default(['tenant']),
    new Option('--interval <length>', 'how much time a row sums up').choices(['hour', 'day']).default('day'),
    new Option('--from <time>', 'a date, a time or how long ago (default: 30d, by hour 24h)').argParser(instantBefore),
    new Option('--to <time>', 'the first instant that no longer counts (default: now)').argParser(instantBefore),
    new Option('--tenant <name or id>', 'of this tenant only'),
    new Option('--api-key <id>', 'of this key only'),
    new Option('--agent <id>', 'of this agent only'),
    new Option('--model <name>', 'of this model only'),
    new Option('--deployment <id>', 'of this deployment only'),
    new Option('--csv', 'print every row as comma-separated values, for a spreadsheet').conflicts(['json', 'all']),
    new Option('--all', 'every row, however many there are; else 1,000'),
  ];
}

async function queryOf(api: AdminApi, options: UsageOptions): Promise<NonNullable<AdminRequest['query']>> {
  const {
    groupBy,
    interval,
    from,
    to,
    tenant,
    apiKey: keyId,
    agent: agentId,
    model,
    deployment: deploymentId,
  } = options;
  const tenantId = tenant === undefined ? undefined : await findTenant(api, tenant);
  return { groupBy: groupBy.join(','), interval, from, to, tenantId, keyId, agentId, model, deploymentId };
}

function groups(text: string): Group[] {
  const known = names(text).flatMap((name) => GROUPS.filter((group) => group === name));
  if (known.length === names(text).length) return known;
  throw new InvalidArgumentError(`It takes some of ${GROUPS.join(', ')}, with commas between them.`);
}

const GROUP_COLUMNS: Record<Group, Column<UsageRow>> = {
  tenant: { title: 'tenant', cell: (row) => textCell(row.tenantId) },
  key: { title: 'key', cell: (row) => textCell(row.keyId) },
  agent: { title: 'agent', cell: (row) => textCell(row.agentId) },
  model: { title: 'model', cell: (row) => textCell(row.model) },
  deployment: { title: 'deployment', cell: (row) => textCell(row.deploymentId) },
};

const COUNTS = [
  count('requests', (row) => row.requests),
  count('prompt', (row) => row.promptTokens),
  count('cached', (row) => row.cachedTokens),
  count('completion', (row) => row.completionTokens),
  count('total', (row) => row.totalTokens),
];

function columnsFor({ groupBy, interval }: UsageOptions): Column<UsageRow>[] {
  const shownCharacters = interval === 'day' ? '2026-11-25'.length : '2026-11-25 16:00'.length;
  const start = { title: `${interval} (UTC)`, cell: (row: UsageRow) => timeCell(row.start).slice(0, shownCharacters) };
  return [start, ...GROUPS.filter((group) => groupBy.includes(group)).map((group) => GROUP_COLUMNS[group]), ...COUNTS];
}

function count(title: string, of: (row: UsageRow) => number): Column<UsageRow> {
  return { title, align: 'right', cell: (row) => numberCell(of(row)) };
}

/** The last line of a table that has every row. */
function totalOf(rows: readonly UsageRow[]): UsageRow {
  const sum = (of: (row: UsageRow) => number) => rows.reduce((total, row) => total + of(row), 0);
  return {
    start: 'in all',
    requests: sum((row) => row.requests),
    promptTokens: sum((row) => row.promptTokens),
    cachedTokens: sum((row) => row.cachedTokens),
    completionTokens: sum((row) => row.completionTokens),
    totalTokens: sum((row) => row.totalTokens),
  };
}
