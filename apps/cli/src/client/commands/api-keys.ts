import { Option, type Command } from 'commander';
import { z } from 'zod';
import { secretPrefix } from '@millrace/domain/tenancy';
import type { AdminApi } from '../admin-api/admin-api.js';
import { inPath } from '../admin-api/admin-request.js';
import { addClientCommand, addGroup, type Surroundings } from '../client-command.js';
import { wrongUsage } from '../client-error.js';
import { instantAheadOrNever, lengthInSeconds, models, type Cleared } from '../option-values.js';
import { modelsCell, numberCell, textCell, timeCell } from '../output/cells.js';
import { showSecret } from '../output/show.js';
import type { Column } from '../output/table.js';
import { agentPath } from './agents.js';
import { createOptions, post, type CreateOptions } from './change.js';
import { onlyOne } from './find-by-name.js';
import { chosenTenantPath, tenantOption, type TenantOptions } from './find-tenant.js';
import { limitOptions, limitsCell, limitsOf, limitsSchema, type LimitOptions } from './limits.js';
import {
  addDelete,
  addGet,
  addList,
  addSwitches,
  addUpdate,
  type Collection,
  type Place,
  type Resource,
} from './resource.js';

const keySchema = z.looseObject({
  id: z.string(),
  name: z.string().nullish(),
  kind: z.string(),
  prefix: z.string().nullish(),
  agentId: z.string().nullish(),
  allowedModels: z.array(z.string()).nullish(),
  limits: limitsSchema,
  expiresAt: z.string().nullish(),
  previousSecretExpiresAt: z.string().nullish(),
  lastUsedAt: z.string().nullish(),
  disabled: z.boolean().nullish(),
  version: z.number().nullish(),
  createdAt: z.string().nullish(),
});
type Key = z.infer<typeof keySchema>;

/** What is answered when a secret was made; nothing shows it again. */
const createdSchema = keySchema.extend({ secret: z.string() });

const name: Column<Key> = { title: 'name', cell: (key) => textCell(key.name) };
const id: Column<Key> = { title: 'id', cell: (key) => key.id };
const prefix: Column<Key> = { title: 'key', cell: (key) => (key.prefix ? `${textCell(key.prefix)}…` : '') };
const kind: Column<Key> = { title: 'kind', cell: (key) => textCell(key.kind) };
const agent: Column<Key> = { title: 'agent', cell: (key) => textCell(key.agentId) };
const state: Column<Key> = { title: 'state', cell: (key) => stateOf(key, Date.now()) };
const limits: Column<Key> = { title: 'limits', cell: (key) => limitsCell(key.limits) };
const allowed: Column<Key> = { title: 'models', cell: (key) => modelsCell(key.allowedModels) };
const expires: Column<Key> = { title: 'expires (UTC)', cell: (key) => timeCell(key.expiresAt) || 'never' };
const used: Column<Key> = { title: 'last used (UTC)', cell: (key) => timeCell(key.lastUsedAt) || 'never' };
const former: Column<Key> = {
  title: 'former secret until (UTC)',
  cell: (key) => timeCell(key.previousSecretExpiresAt),
};
const version: Column<Key> = { title: 'version', cell: (key) => numberCell(key.version) };
const created: Column<Key> = { title: 'created (UTC)', cell: (key) => timeCell(key.createdAt) };

const KINDS = ['inference', 'tenant-admin', 'operator'];

interface KeyScope extends TenantOptions {
  agent?: string;
}

const resource: Resource<Key, KeyScope> = {
  noun: 'key',
  plural: 'api-keys',
  sample: 'ci --tenant acme',
  schema: keySchema,
  columns: [name, id, prefix, state, expires, used],
  fields: [id, name, prefix, kind, agent, state, limits, allowed, expires, used, former, version, created],
  scopeOptions: () => [tenantOption()],
  collection: keysOf,
  find: keyPath,
};

interface KeyOptions extends LimitOptions {
  name?: string;
  kind?: string;
  expiresAt?: string | Cleared;
  allowedModels?: string[] | Cleared;
}

/** `./millrace api-keys`. */
export function addApiKeys(program: Command, surroundings: Surroundings): void {
  const group = addGroup(program, 'api-keys', "a tenant's keys; a secret is shown once, when it is made");
  const place = { group, surroundings };
  addList(place, { ...resource, scopeOptions: keyScopeOptions });
  addCreateKey(place);
  addGet(place, resource);
  addUpdate<Key, KeyScope, KeyOptions>(place, resource, {
    options: () => [new Option('--name <name>', 'a new name'), ...fieldOptions()],
    bodyOf,
    examples: [
      'api-keys update ci --tenant acme --expires-at 90d',
      'api-keys update ci --tenant acme --allowed-models any',
    ],
  });
  addRotate(place);
  addSwitches(place, resource, { disable: 'refuse a key', enable: 'let a key work again' });
  addDelete(place, resource, '');
}

function addCreateKey({ group, surroundings }: Place): void {
  addClientCommand<KeyOptions & KeyScope & CreateOptions>(group, surroundings, {
    usage: 'create',
    summary: 'create a key and print its secret, which is shown this once',
    examples: [
      'api-keys create --tenant acme --name ci --expires-at 90d --allowed-models millrace-tiny',
      'api-keys create --tenant acme --name ops --kind tenant-admin',
      'api-keys create --tenant acme --name website --agent tutor',
    ],
    options: [
      new Option('--name <name>', 'its name').makeOptionMandatory(),
      new Option('--kind <kind>', 'what it may do; without --agent the default is inference').choices(KINDS),
      ...keyScopeOptions(),
      ...fieldOptions(),
      ...createOptions(),
    ],
    async run(client, options) {
      if (options.agent !== undefined && options.kind !== undefined) {
        throw wrongUsage('A key of an agent has a kind of its own: leave out --kind, or --agent.');
      }
      const { agent: nameOrId, ...scope } = options;
      const owner =
        nameOrId === undefined ? chosenTenantPath(client.api, scope) : agentPath(client.api, nameOrId, scope);
      const request = post(`${await owner}/api-keys`, bodyOf(options), options);
      showSecret(client, resource.fields, await client.api.receive(request, createdSchema));
    },
  });
}

function addRotate({ group, surroundings }: Place): void {
  addClientCommand<KeyScope & CreateOptions & { overlap?: number }>(group, surroundings, {
    usage: 'rotate <key>',
    summary: 'give a key a new secret; the former one works on for a while',
    examples: ['api-keys rotate ci --tenant acme', 'api-keys rotate ci --tenant acme --overlap 1h'],
    options: [
      tenantOption(),
      new Option(
        '--overlap <time>',
        'how long the former secret still works, at most 30d, or 0 (default: 1d)',
      ).argParser(lengthInSeconds),
      ...createOptions(),
    ],
    async run(client, options, [nameOrId = '']) {
      const path = await resource.find(client.api, nameOrId, options);
      const request = post(`${path}/rotate`, { overlapSeconds: options.overlap }, options);
      showSecret(client, resource.fields, await client.api.receive(request, createdSchema));
    },
  });
}

function keyScopeOptions(): Option[] {
  return [tenantOption(), new Option('--agent <name or id>', 'keys that act as this agent')];
}

/** Keys of an agent are listed among those of its tenant. */
async function keysOf(api: AdminApi, { agent: nameOrId, ...scope }: KeyScope): Promise<Collection> {
  const path = `${await chosenTenantPath(api, scope)}/api-keys`;
  if (nameOrId === undefined) return { path };
  const agentId = (await agentPath(api, nameOrId, scope)).split('/').at(-1);
  return { path, query: { agentId } };
}

/** The path of one key by its id, its name or, for whoever found one somewhere, by how it begins. */
async function keyPath(api: AdminApi, wanted: string, scope: TenantOptions): Promise<string> {
  const collection = `${await chosenTenantPath(api, scope)}/api-keys`;
  if (wanted.startsWith('key_')) return `${collection}/${inPath(wanted)}`;
  const query = wanted.startsWith('mr-') ? { prefix: visiblePart(wanted) } : { name: wanted };
  return onlyOne(api, { noun: 'key', collection, query });
}

/** A whole secret does not travel in a URL. */
function visiblePart(text: string): string {
  return secretPrefix(text) || text.replace(/…$/, '');
}

function fieldOptions(): Option[] {
  return [
    new Option('--expires-at <time>', 'a date, a time, 90d from now, or never').argParser(instantAheadOrNever),
    new Option('--allowed-models <names>', 'models it may use, with commas between them, or any').argParser(models),
    ...limitOptions(),
  ];
}

function bodyOf(options: KeyOptions): object {
  const { name, kind, expiresAt, allowedModels } = options;
  return { name, kind, expiresAt, allowedModels, limits: limitsOf(options) };
}

function stateOf({ disabled, expiresAt }: Key, nowMs: number): string {
  if (disabled === true) return 'disabled';
  return typeof expiresAt === 'string' && Date.parse(expiresAt) <= nowMs ? 'expired' : 'enabled';
}
