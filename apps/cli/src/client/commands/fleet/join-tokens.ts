import { Option, type Command } from 'commander';
import { z } from 'zod';
import type { AdminApi } from '../../admin-api/admin-api.js';
import { inPath } from '../../admin-api/admin-request.js';
import { addClientCommand, addGroup, type Surroundings } from '../../client-command.js';
import { instantAhead } from '../../option-values.js';
import { numberCell, textCell, timeCell } from '../../output/cells.js';
import { showSecret } from '../../output/show.js';
import type { Column } from '../../output/table.js';
import { createOptions, post, type CreateOptions } from '../change.js';
import { addAction, addDelete, addGet, addList, type Place, type Resource } from '../resource.js';

const JOIN_TOKENS = '/admin/v1/join-tokens';

const tokenSchema = z.looseObject({
  id: z.string(),
  name: z.string().nullish(),
  prefix: z.string().nullish(),
  expiresAt: z.string().nullish(),
  revoked: z.boolean().nullish(),
  version: z.number().nullish(),
  createdAt: z.string().nullish(),
});
type Token = z.infer<typeof tokenSchema>;

const id: Column<Token> = { title: 'id', cell: (token) => token.id };
const name: Column<Token> = { title: 'name', cell: (token) => textCell(token.name) };
const prefix: Column<Token> = { title: 'token', cell: (token) => (token.prefix ? `${textCell(token.prefix)}…` : '') };
const state: Column<Token> = { title: 'state', cell: (token) => stateOf(token, Date.now()) };
const expires: Column<Token> = { title: 'expires (UTC)', cell: (token) => timeCell(token.expiresAt) || 'never' };
const version: Column<Token> = { title: 'version', cell: (token) => numberCell(token.version) };
const created: Column<Token> = { title: 'created (UTC)', cell: (token) => timeCell(token.createdAt) };

const resource: Resource<Token, object> = {
  ...{ noun: 'token', plural: 'join-tokens', sample: 'jtk_01…', schema: tokenSchema },
  columns: [name, id, prefix, state, expires, created],
  fields: [id, name, prefix, state, expires, version, created],
  scopeOptions: () => [],
  collection: () => Promise.resolve({ path: JOIN_TOKENS }),
  find: (_: AdminApi, wanted: string) => Promise.resolve(`${JOIN_TOKENS}/${inPath(wanted)}`),
};

/** `./millrace join-tokens`. */
export function addJoinTokens(program: Command, surroundings: Surroundings): void {
  const group = addGroup(program, 'join-tokens', 'what new runners join by, for operators; a secret is shown once');
  const place = { group, surroundings };
  addList(place, resource);
  addCreateToken(place);
  addGet(place, resource);
  addAction(place, resource, { verb: 'revoke', summary: 'let no runner join by a token; those that have joined stay' });
  addDelete(place, resource, '');
}

function addCreateToken({ group, surroundings }: Place): void {
  addClientCommand<CreateOptions & { name: string; expiresAt?: string }>(group, surroundings, {
    usage: 'create',
    summary: 'create a join token and print its secret, which is shown this once',
    examples: ['join-tokens create --name rack-7 --expires-at 1d'],
    options: [
      new Option('--name <name>', 'what it is for').makeOptionMandatory(),
      new Option('--expires-at <time>', 'a date, a time, or 1d from now; left out, never').argParser(instantAhead),
      ...createOptions(),
    ],
    async run(client, options) {
      const { name: named, expiresAt } = options;
      const request = post(JOIN_TOKENS, { name: named, expiresAt }, options);
      const answer = await client.api.receive(request, tokenSchema.extend({ secret: z.string() }));
      showSecret(client, resource.fields, answer);
    },
  });
}

function stateOf({ revoked, expiresAt }: Token, nowMs: number): string {
  if (revoked === true) return 'revoked';
  return typeof expiresAt === 'string' && Date.parse(expiresAt) <= nowMs ? 'expired' : 'valid';
}
