import { Option, type Command } from 'commander';
import { eventSchema, followEvents, type WatchedEvent } from '../../admin-api/follow-events.js';
import { readList, type ListWish } from '../../admin-api/lists.js';
import { addClientCommand, type Client, type Surroundings } from '../../client-command.js';
import { textCell, timeCell } from '../../output/cells.js';
import { asLines, showList } from '../../output/show.js';
import type { Column } from '../../output/table.js';
import { listOptions } from '../resource.js';

const COLUMNS: Column<WatchedEvent>[] = [
  { title: 'at (UTC)', cell: (event) => timeCell(event.createdAt) },
  { title: 'event', cell: (event) => textCell(event.type) },
  { title: 'of', cell: (event) => textCell(event.resourceId) },
  { title: 'with', cell: ({ data }) => withCell(data) },
];

interface EventOptions extends ListWish {
  type?: string;
  of?: string;
  watch?: boolean;
}

/** `./millrace events`. */
export function addEvents(program: Command, surroundings: Surroundings): void {
  addClientCommand<EventOptions>(program, surroundings, {
    usage: 'events',
    summary: 'show what has happened in the fleet and to what is administered, or with --watch what happens',
    examples: ['events --limit 50', 'events --watch --type runner,replica', 'events --watch --json'],
    options: [
      new Option('--type <types>', 'of these types only, with commas between them: runner, replica.ready'),
      new Option('--of <id>', 'of this resource only'),
      ...listOptions(),
    ],
    async run(client, { type, of: resourceId, watch = false, ...wish }) {
      const query = { type, resourceId };
      if (watch) return watchEvents(client, query);
      const subject = { path: '/admin/v1/events', query, entry: eventSchema, idOf: ({ id }: WatchedEvent) => id };
      showList(client, COLUMNS, await readList(client.api, subject, wish));
    },
  });
}

/** A line for each event, from now on. */
async function watchEvents({ api, terminal, json }: Client, query: Record<string, string | undefined>): Promise<void> {
  const signal = terminal.enough();
  const onBroken = () => terminal.note('The connection is lost; trying again.');
  for await (const followed of followEvents(api, { query, signal, onBroken })) {
    if (followed.kind === 'gap') terminal.note('Some events in between are not known any more.');
    if (followed.kind === 'event') terminal.print(asLines(json ? followed.text : lineOf(followed.event)));
  }
}

function lineOf(event: WatchedEvent): string {
  return COLUMNS.map(({ cell }) => cell(event))
    .filter((text) => text !== '')
    .join('  ');
}

function withCell(data: WatchedEvent['data']): string {
  const pairs = Object.entries(data ?? {}).map(([name, value]) => {
    const text = typeof value === 'string' ? value : JSON.stringify(value);
    return `${name}=${text}`;
  });
  return textCell(pairs.join(' '));
}
