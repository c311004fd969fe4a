import { Option, type Command } from 'commander';
import type { z } from 'zod';
import type { AdminApi } from '../admin-api/admin-api.js';
import type { AdminRequest } from '../admin-api/admin-request.js';
import { readList, type ListWish } from '../admin-api/lists.js';
import { addClientCommand, type Client, type Surroundings } from '../client-command.js';
import { listLimit } from '../option-values.js';
import { showList, showOne } from '../output/show.js';
import { watchList, type WatchedList } from '../watch-list.js';
import type { Column } from '../output/table.js';
import { confirmDelete, createOptions, deleteOptions, patch, post, requireChange, updateOptions } from './change.js';
import type { CreateOptions, DeleteOptions, UpdateOptions } from './change.js';

/** Something the admin API lists. `Scope` are the options that say of what it is a part. */
export interface Listed<Row, Scope> {
  /** As a person says it: `tenant`. */
  readonly noun: string;
  /** The name of its commands: `tenants`. */
  readonly plural: string;
  /** One of them in examples, with the options of the scope: `ci --tenant acme`. */
  readonly sample: string;
  readonly schema: z.ZodType<Row>;
  readonly columns: readonly Column<Row>[];
  /** How often a watched list is read even when nothing is told; left out, now and then. */
  readonly everyMs?: number;
  scopeOptions(): Option[];
  /** All of them. */
  collection(api: AdminApi, scope: Scope): Promise<Collection>;
}

/** Something the admin API has many of, each with an id. */
export interface Resource<Row, Scope> extends Listed<Row, Scope> {
  readonly fields: readonly Column<Row>[];
  /** The path of one, by name or id. */
  find(api: AdminApi, nameOrId: string, scope: Scope): Promise<string>;
}

/** Where resources are created, and how those of a scope are listed. */
export interface Collection {
  path: string;
  query?: AdminRequest['query'];
}

/** Where commands are added, and to what they belong. */
export interface Place {
  group: Command;
  surroundings: Surroundings;
}

/** How the fields of a resource are typed. */
export interface Fields<Options> {
  options: () => Option[];
  bodyOf: (options: Options) => object | Promise<object>;
  examples: readonly string[];
}

/** `list`. */
export function addList<Row extends { id: string }, Scope>(place: Place, resource: Listed<Row, Scope>): void {
  const { plural, sample, schema } = resource;
  addClientCommand<ListWish & WatchWish & Scope>(place.group, place.surroundings, {
    usage: 'list',
    summary: `list ${resource.noun}s, the newest first`,
    examples: [`${plural} list${scopeOf(sample)}`, `${plural} list${scopeOf(sample)} --all --json`],
    options: [...resource.scopeOptions(), ...listOptions()],
    async run(client, options) {
      const collection = await resource.collection(client.api, options);
      const subject = { ...collection, entry: schema, idOf: ({ id }: Row) => id };
      await showOrWatch(
        client,
        { ...resource, idOf: subject.idOf, read: () => readList(client.api, subject, options) },
        options,
      );
    },
  });
}

/** `get`. */
export function addGet<Row, Scope>(place: Place, resource: Resource<Row, Scope>): void {
  const { noun, plural, sample, schema, fields } = resource;
  addClientCommand<Scope>(place.group, place.surroundings, {
    usage: `get <${noun}>`,
    summary: `show one ${noun}, by its name or id`,
    examples: [`${plural} get ${sample}`],
    options: resource.scopeOptions(),
    async run(client, options, [nameOrId = '']) {
      const path = await resource.find(client.api, nameOrId, options);
      showOne(client, fields, await client.api.receive({ method: 'GET', path }, schema));
    },
  });
}

/** `create`, which shows what was created. */
export function addCreate<Row, Scope, Options extends object>(
  place: Place,
  resource: Resource<Row, Scope>,
  { options: fieldOptions, bodyOf, examples }: Fields<Options>,
): void {
  addClientCommand<Options & Scope & CreateOptions>(place.group, place.surroundings, {
    usage: 'create',
    summary: `create one ${resource.noun}`,
    examples,
    options: [...fieldOptions(), ...resource.scopeOptions(), ...createOptions()],
    async run(client, options) {
      const { path } = await resource.collection(client.api, options);
      const request = post(path, await bodyOf(options), options);
      showOne(client, resource.fields, await client.api.receive(request, resource.schema));
    },
  });
}

/** `update`. */
export function addUpdate<Row, Scope, Options extends object>(
  place: Place,
  resource: Resource<Row, Scope>,
  { options: fieldOptions, bodyOf, examples }: Fields<Options>,
): void {
  addClientCommand<Options & Scope & UpdateOptions>(place.group, place.surroundings, {
    usage: `update <${resource.noun}>`,
    summary: `change one ${resource.noun}; what is not named stays`,
    examples,
    options: [...fieldOptions(), ...resource.scopeOptions(), ...updateOptions()],
    async run(client, options, [nameOrId = '']) {
      const body = await bodyOf(options);
      requireChange(body);
      const path = await resource.find(client.api, nameOrId, options);
      await change({ client, resource, path }, body, options);
    },
  });
}

/** `disable` and `enable`. */
export function addSwitches<Row, Scope>(place: Place, resource: Resource<Row, Scope>, effects: Switches): void {
  for (const verb of ['disable', 'enable'] as const) {
    addClientCommand<Scope>(place.group, place.surroundings, {
      usage: `${verb} <${resource.noun}>`,
      summary: effects[verb],
      examples: [`${resource.plural} ${verb} ${resource.sample}`],
      options: resource.scopeOptions(),
      async run(client, options, [nameOrId = '']) {
        const path = await resource.find(client.api, nameOrId, options);
        await change({ client, resource, path }, { disabled: verb === 'disable' });
      },
    });
  }
}

/** What the two do, in words. */
export type Switches = Record<'disable' | 'enable', string>;

/** An action, `POST …/{id}/verb`, which shows what it was done to. */
export function addAction<Row, Scope>(
  place: Place,
  resource: Resource<Row, Scope>,
  { verb, summary }: { verb: string; summary: string },
): void {
  addClientCommand<Scope & CreateOptions>(place.group, place.surroundings, {
    usage: `${verb} <${resource.noun}>`,
    summary,
    examples: [`${resource.plural} ${verb} ${resource.sample}`],
    options: [...resource.scopeOptions(), ...createOptions()],
    async run(client, options, [nameOrId = '']) {
      const path = await resource.find(client.api, nameOrId, options);
      const request = post(`${path}/${verb}`, {}, options);
      showOne(client, resource.fields, await client.api.receive(request, resource.schema));
    },
  });
}

/** `delete`; `whatGoes` says what is deleted with it. */
export function addDelete<Row, Scope>(place: Place, resource: Resource<Row, Scope>, whatGoes: string): void {
  const { noun, plural, sample } = resource;
  addClientCommand<Scope & DeleteOptions>(place.group, place.surroundings, {
    usage: `delete <${noun}>`,
    summary: `delete one ${noun}${whatGoes}`,
    examples: [`${plural} delete ${sample}`, `${plural} delete ${sample} --yes`],
    options: [...resource.scopeOptions(), ...deleteOptions()],
    async run(client, options, [nameOrId = '']) {
      const path = await resource.find(client.api, nameOrId, options);
      await confirmDelete(client, `the ${noun} ${nameOrId}${whatGoes}`, options);
      await client.api.send({ method: 'DELETE', path });
      client.terminal.note(`The ${noun} ${nameOrId} is deleted.`);
    },
  });
}

export interface WatchWish {
  watch?: boolean;
}

/** Shows a list once, or with `--watch` for as long as somebody looks. */
export async function showOrWatch<Row>(
  client: Client,
  list: WatchedList<Row>,
  { watch = false }: WatchWish,
): Promise<void> {
  if (watch) return watchList(client, list);
  showList(client, list.columns, await list.read());
}

/** Which part of a list is shown. */
export function listOptions(): Option[] {
  return [
    new Option('--limit <count>', 'how many at most, up to 100 (default: 20)').argParser(listLimit),
    new Option('--after <id>', 'those that follow the one with this id'),
    new Option('--all', 'every one, however many there are'),
    new Option('--watch', 'go on showing what changes, until Ctrl-C'),
  ];
}

interface Changed<Row, Scope> {
  client: Client;
  resource: Resource<Row, Scope>;
  path: string;
}

async function change<Row, Scope>(
  { client, resource, path }: Changed<Row, Scope>,
  body: object,
  options: UpdateOptions = {},
): Promise<void> {
  showOne(client, resource.fields, await client.api.receive(patch(path, body, options), resource.schema));
}

/** The options behind the name: ` --tenant acme`. */
function scopeOf(sample: string): string {
  return sample.includes(' ') ? sample.slice(sample.indexOf(' ')) : '';
}
