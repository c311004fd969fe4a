import { Option, type Command } from 'commander';
import { z } from 'zod';
import { readList, type ListWish } from '../admin-api/lists.js';
import { addClientCommand, type Surroundings } from '../client-command.js';
import { textCell, timeCell } from '../output/cells.js';
import { showList } from '../output/show.js';
import type { Column } from '../output/table.js';
import { findTenant, type TenantOptions } from './find-tenant.js';
import { listOptions } from './resource.js';

const AUDIT_LOG = '/admin/v1/audit-log';

const snapshot = z.record(z.string(), z.unknown()).nullish();
const entrySchema = z.looseObject({
  id: z.string(),
  at: z.string().nullish(),
  tenantId: z.string().nullish(),
  actor: z.looseObject({ keyId: z.string().nullish(), kind: z.string().nullish() }).nullish(),
  address: z.string().nullish(),
  action: z.string(),
  resourceKind: z.string().nullish(),
  resourceId: z.string().nullish(),
  before: snapshot,
  after: snapshot,
});
type Entry = z.infer<typeof entrySchema>;

const COLUMNS: Column<Entry>[] = [
  { title: 'at (UTC)', cell: (entry) => timeCell(entry.at) },
  { title: 'action', cell: (entry) => textCell(entry.action) },
  { title: 'of', cell: (entry) => textCell(entry.resourceId) },
  { title: 'changed', cell: changedCell },
  { title: 'by', cell: ({ actor }) => textCell(actor?.keyId ?? actor?.kind) },
  { title: 'from', cell: (entry) => textCell(entry.address) },
];

/** `./millrace audit-log`. */
export function addAuditLog(program: Command, surroundings: Surroundings): void {
  addClientCommand<ListWish & TenantOptions>(program, surroundings, {
    usage: 'audit-log',
    summary: 'show who changed what and when, the newest first; --json shows the values before and after',
    examples: ['audit-log --limit 50', 'audit-log --tenant acme --all --json'],
    options: [new Option('--tenant <name or id>', 'changes of this tenant only'), ...listOptions()],
    async run(client, options) {
      const tenantId = options.tenant === undefined ? undefined : await findTenant(client.api, options.tenant);
      const idOf = ({ id }: Entry) => id;
      const subject = { path: AUDIT_LOG, query: { tenantId }, entry: entrySchema, idOf };
      showList(client, COLUMNS, await readList(client.api, subject, options));
    },
  });
}

/** Names of the fields that an update gave another value. */
function changedCell({ before, after }: Entry): string {
  if (!before || !after) return '';
  const fields = Object.keys({ ...before, ...after }).filter((field) => field !== 'version');
  return fields
    .filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]))
    .map(textCell)
    .join(', ');
}
