import type { Command } from 'commander';
import { z } from 'zod';
import { readList, type ListWish } from '../admin-api/lists.js';
import { addClientCommand, addGroup, type Surroundings } from '../client-command.js';
import { numberCell, textCell } from '../output/cells.js';
import type { Column } from '../output/table.js';
import { listOptions, showOrWatch, type WatchWish } from './resource.js';

const queueSchema = z.looseObject({
  deploymentId: z.string(),
  model: z.string(),
  waiting: z.number(),
  running: z.number(),
  oldestWaitMs: z.number(),
  serviceRateTokensPerSecond: z.number(),
});
type Queue = z.infer<typeof queueSchema>;

const COLUMNS: Column<Queue>[] = [
  { title: 'model', cell: (queue) => textCell(queue.model) },
  { title: 'waiting', align: 'right', cell: (queue) => numberCell(queue.waiting) },
  { title: 'running', align: 'right', cell: (queue) => numberCell(queue.running) },
  { title: 'oldest', align: 'right', cell: ({ oldestWaitMs }) => `${numberCell(Math.round(oldestWaitMs / 1_000))} s` },
  { title: 'tokens/s', align: 'right', cell: (queue) => numberCell(queue.serviceRateTokensPerSecond) },
  { title: 'deployment', cell: (queue) => textCell(queue.deploymentId) },
];

/** What waits is told by no event. */
const EVERY_MS = 1_000;

/** `./millrace queues`. */
export function addQueues(program: Command, surroundings: Surroundings): void {
  const group = addGroup(program, 'queues', 'what waits and runs at this moment, for operators');
  addClientCommand<ListWish & WatchWish>(group, surroundings, {
    usage: 'list',
    summary: 'list the queue of each deployment',
    examples: ['queues list', 'queues list --json'],
    options: listOptions(),
    async run(client, options) {
      const idOf = ({ deploymentId }: Queue) => deploymentId;
      const subject = { path: '/admin/v1/queues', entry: queueSchema, idOf };
      const read = () => readList(client.api, subject, options);
      await showOrWatch(client, { columns: COLUMNS, idOf, read, everyMs: EVERY_MS }, options);
    },
  });
}
