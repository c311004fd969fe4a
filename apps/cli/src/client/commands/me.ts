import type { Command } from 'commander';
import { z } from 'zod';
import type { AdminApi, Received } from '../admin-api/admin-api.js';
import { addClientCommand, type Surroundings } from '../client-command.js';
import { textCell } from '../output/cells.js';
import { showOne } from '../output/show.js';
import type { Column } from '../output/table.js';

const meSchema = z.looseObject({
  tenant: z.looseObject({ id: z.string(), name: z.string() }),
  apiKey: z.looseObject({ id: z.string(), name: z.string().nullish(), kind: z.string(), prefix: z.string().nullish() }),
});
type Me = z.infer<typeof meSchema>;

const FIELDS: Column<Me>[] = [
  { title: 'tenant', cell: ({ tenant }) => textCell(tenant.name) },
  { title: 'tenant id', cell: ({ tenant }) => tenant.id },
  { title: 'key', cell: ({ apiKey }) => textCell(apiKey.name) },
  { title: 'key id', cell: ({ apiKey }) => apiKey.id },
  { title: 'kind', cell: ({ apiKey }) => textCell(apiKey.kind) },
  { title: 'begins with', cell: ({ apiKey }) => textCell(apiKey.prefix) },
];

/** `./millrace me`. */
export function addMe(program: Command, surroundings: Surroundings): void {
  addClientCommand(program, surroundings, {
    usage: 'me',
    summary: 'show as whom the server knows this key',
    examples: ['me', 'me --profile production --verbose'],
    async run(client) {
      showOne(client, FIELDS, await receiveMe(client.api));
    },
  });
}

/** Which key is asking, and of which tenant. */
export async function readMe(api: AdminApi): Promise<Me> {
  return (await receiveMe(api)).body;
}

function receiveMe(api: AdminApi): Promise<Received<Me>> {
  return api.receive({ method: 'GET', path: '/admin/v1/me' }, meSchema);
}
