import { Option, type Command } from 'commander';
import { z } from 'zod';
import { readList, type ListWish } from '../admin-api/lists.js';
import { addClientCommand, type Surroundings } from '../client-command.js';
import { instantBefore } from '../option-values.js';
import { textCell, timeCell } from '../output/cells.js';
import type { Column } from '../output/table.js';
import { findTenant, type TenantOptions } from './find-tenant.js';
import { listOptions, showOrWatch, type WatchWish } from './resource.js';

const AUDIT_LOG = '/admin/v1/audit-log';

const snapshot = z.record(z.string(), z.unknown()).nullish();
const entrySchema = z.looseObject({
  id: z.string(),
  at: z.string(),
  actorKeyId: z.string().nullish(),
  actorKind: z.string().nullish(),
  address: z.string().nullish(),
  action: z.string(),
  resourceKind: z.string(),
  resourceId: z.string(),
  before: snapshot,
  after: snapshot,
});
type Entry = z.infer<typeof entrySchema>;

const COLUMNS: Column<Entry>[] = [
  { title: 'at (UTC)', cell: (entry) => timeCell(entry.at) },
  { title: 'action', cell: (entry) => textCell(entry.action) },
  { title: 'of', cell: ({ resourceKind, resourceId }) => textCell(`${resourceKind} ${resourceId}`) },
  { title: 'changed', cell: changedCell },
  { title: 'by', cell: ({ actorKeyId, actorKind }) => textCell(actorKeyId ?? actorKind) },
  { title: 'from', cell: (entry) => textCell(entry.address) },
];

interface AuditOptions extends ListWish, WatchWish, TenantOptions {
  by?: string;
  of?: string;
  action?: string;
  from?: string;
  to?: string;
}

/** `./millrace audit-log`. */
export function addAuditLog(program: Command, surroundings: Surroundings): void {
  addClientCommand<AuditOptions>(program, surroundings, {
    usage: 'audit-log',
    summary: 'show who changed what and when, the newest first; --json has the values before and after',
    examples: ['audit-log --limit 50', 'audit-log --tenant acme --from 7d --action delete', 'audit-log --all --json'],
    options: [
      new Option('--tenant <name or id>', 'changes of what belongs to this tenant only'),
      new Option('--of <id>', 'changes of this tenant, key or agent only'),
      new Option('--by <id>', 'changes that this key asked for only'),
      new Option('--action <name>', 'of one kind only').choices(['create', 'change', 'rotate', 'delete']),
      new Option('--from <time>', 'a date, a time, or how long ago').argParser(instantBefore),
      new Option('--to <time>', 'the first instant that is left out').argParser(instantBefore),
      ...listOptions(),
    ],
    async run(client, { tenant, of: resourceId, by: actorKeyId, action, from, to, ...wish }) {
      const tenantId = tenant === undefined ? undefined : await findTenant(client.api, tenant);
      const query = { tenantId, resourceId, actorKeyId, action, from, to };
      const subject = { path: AUDIT_LOG, query, entry: entrySchema, idOf: ({ id }: Entry) => id };
      const read = () => readList(client.api, subject, wish);
      await showOrWatch(client, { columns: COLUMNS, idOf: subject.idOf, read }, wish);
    },
  });
}

/** Names of the fields that have another value now. */
function changedCell({ before, after }: Entry): string {
  if (!before || !after) return '';
  const fields = Object.keys({ ...before, ...after }).filter((field) => field !== 'version');
  const changed = fields.filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]));
  return changed.map(textCell).join(', ');
}
