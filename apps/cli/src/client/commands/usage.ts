import { Option, type Command } from 'commander';
import { z } from 'zod';
import { readList, type ListWish } from '../admin-api/lists.js';
import { addClientCommand, type Surroundings } from '../client-command.js';
import { instantBefore } from '../option-values.js';
import { numberCell, textCell, timeCell } from '../output/cells.js';
import { asLines, showList } from '../output/show.js';
import type { Column } from '../output/table.js';
import { findTenant, type TenantOptions } from './find-tenant.js';
import { listOptions } from './resource.js';

const USAGE = '/admin/v1/usage';
const GROUPS = ['tenant', 'key', 'agent', 'model', 'deployment'] as const;

const rowSchema = z.looseObject({
  tenantId: z.string().nullish(),
  keyId: z.string().nullish(),
  agentId: z.string().nullish(),
  model: z.string().nullish(),
  deploymentId: z.string().nullish(),
  start: z.string().nullish(),
  requests: z.number(),
  promptTokens: z.number(),
  cachedTokens: z.number(),
  completionTokens: z.number(),
  totalTokens: z.number(),
});
type UsageRow = z.infer<typeof rowSchema>;

interface UsageOptions extends ListWish, TenantOptions {
  groupBy: (typeof GROUPS)[number];
  from?: string;
  to?: string;
  interval?: string;
  csv?: boolean;
}

/** `./millrace usage`. */
export function addUsage(program: Command, surroundings: Surroundings): void {
  addClientCommand<UsageOptions>(program, surroundings, {
    usage: 'usage',
    summary: 'show how many requests and tokens were used, of what and when',
    examples: [
      'usage --group-by tenant --from 30d',
      'usage --group-by key --tenant acme --from 2026-11-01 --to 2026-12-01 --interval day --csv',
    ],
    options: [
      new Option('--group-by <what>', 'one row for each of them').choices(GROUPS).default('tenant'),
      new Option('--from <time>', 'a date, a time, or 7d ago').argParser(instantBefore),
      new Option('--to <time>', 'the first instant that no longer counts').argParser(instantBefore),
      new Option('--interval <length>', 'one row for each hour or day').choices(['hour', 'day']),
      new Option('--tenant <name or id>', 'of this tenant only'),
      new Option('--csv', 'print comma-separated values, for a spreadsheet'),
      ...listOptions(),
    ],
    async run(client, options) {
      const { groupBy, from, to, interval, tenant, csv = false } = options;
      const tenantId = tenant === undefined ? undefined : await findTenant(client.api, tenant);
      const query = { groupBy, from, to, interval, tenantId };
      if (csv) {
        const answer = await client.api.send({ method: 'GET', path: USAGE, query, headers: { accept: 'text/csv' } });
        return client.terminal.print(asLines(answer.text));
      }
      const subject = { path: USAGE, query, entry: rowSchema, idOf: () => '' };
      showList(client, columnsFor(options), await readList(client.api, subject, options));
    },
  });
}

function columnsFor({ groupBy, interval }: UsageOptions): Column<UsageRow>[] {
  const start: Column<UsageRow> = { title: 'from (UTC)', cell: (row) => timeCell(row.start) };
  return [...(interval === undefined ? [] : [start]), ...GROUP_COLUMNS[groupBy], ...COUNTS];
}

const tenant: Column<UsageRow> = { title: 'tenant', cell: (row) => textCell(row.tenantId) };
const GROUP_COLUMNS: Record<UsageOptions['groupBy'], Column<UsageRow>[]> = {
  tenant: [tenant],
  key: [tenant, { title: 'key', cell: (row) => textCell(row.keyId) }],
  agent: [tenant, { title: 'agent', cell: (row) => textCell(row.agentId) }],
  model: [{ title: 'model', cell: (row) => textCell(row.model) }],
  deployment: [{ title: 'deployment', cell: (row) => textCell(row.deploymentId) }],
};

const COUNTS: Column<UsageRow>[] = [
  count('requests', (row) => row.requests),
  count('prompt', (row) => row.promptTokens),
  count('cached', (row) => row.cachedTokens),
  count('completion', (row) => row.completionTokens),
  count('total', (row) => row.totalTokens),
];

function count(title: string, of: (row: UsageRow) => number): Column<UsageRow> {
  return { title, align: 'right', cell: (row) => numberCell(of(row)) };
}
