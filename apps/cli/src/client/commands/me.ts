import type { Command } from 'commander';
import { z } from 'zod';
import { addClientCommand, type Surroundings } from '../client-command.js';
import { textCell } from '../output/cells.js';
import { showOne } from '../output/show.js';
import type { Column } from '../output/table.js';

const meSchema = z.looseObject({
  kind: z.string(),
  tenantId: z.string(),
  keyId: z.string(),
  agentId: z.string().nullish(),
});
type Me = z.infer<typeof meSchema>;

const FIELDS: Column<Me>[] = [
  { title: 'kind', cell: (me) => textCell(me.kind) },
  { title: 'tenant', cell: (me) => textCell(me.tenantId) },
  { title: 'key', cell: (me) => textCell(me.keyId) },
];

/** `./millrace me`. */
export function addMe(program: Command, surroundings: Surroundings): void {
  addClientCommand(program, surroundings, {
    usage: 'me',
    summary: 'show as whom the server knows this key',
    examples: ['me', 'me --profile production --verbose'],
    async run(client) {
      showOne(client, FIELDS, await client.api.receive({ method: 'GET', path: '/admin/v1/me' }, meSchema));
    },
  });
}
