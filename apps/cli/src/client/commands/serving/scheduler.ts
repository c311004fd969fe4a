import { Option, type Command } from 'commander';
import { z } from 'zod';
import { readList, type ListWish } from '../../admin-api/lists.js';
import { addClientCommand, addGroup, type Surroundings } from '../../client-command.js';
import { numberCell, textCell, timeCell } from '../../output/cells.js';
import { showList, showOne } from '../../output/show.js';
import type { Column } from '../../output/table.js';
import { createOptions, post, type CreateOptions } from '../change.js';
import { findRunner } from '../fleet/runners.js';
import { listOptions } from '../resource.js';
import { findDeployment } from './deployments.js';
import { addPlan } from './plan.js';

const SCHEDULER = '/admin/v1/scheduler';

const schedulerSchema = z.looseObject({ paused: z.boolean(), epoch: z.number(), hasLeader: z.boolean() });
type Scheduler = z.infer<typeof schedulerSchema>;

const FIELDS: Column<Scheduler>[] = [
  { title: 'state', cell: ({ paused }) => (paused ? 'paused: it changes nothing' : 'running') },
  { title: 'leader', cell: ({ hasLeader }) => (hasLeader ? 'there is one' : 'none at this moment') },
  { title: 'epoch', cell: ({ epoch }) => numberCell(epoch) },
];

const decisionSchema = z.looseObject({
  id: z.string(),
  at: z.string(),
  action: z.string(),
  reason: z.string(),
  message: z.string(),
  model: z.string().nullish(),
  deploymentId: z.string().nullish(),
  replicaId: z.string().nullish(),
});
type Decision = z.infer<typeof decisionSchema>;

const COLUMNS: Column<Decision>[] = [
  { title: 'at (UTC)', cell: ({ at }) => timeCell(at) },
  { title: 'action', cell: ({ action }) => textCell(action.replace('_', ' ')) },
  { title: 'reason', cell: ({ reason }) => textCell(reason) },
  { title: 'of', cell: ({ model, deploymentId, replicaId }) => textCell(model ?? deploymentId ?? replicaId) },
  { title: 'that is', cell: ({ message }) => textCell(message) },
];

interface DecisionOptions extends ListWish {
  deployment?: string;
  replica?: string;
  runner?: string;
  action?: string;
  reason?: string;
}

/** `./millrace scheduler`. */
export function addScheduler(program: Command, surroundings: Surroundings): void {
  const group = addGroup(program, 'scheduler', 'what is placed where and why, and what would be, for operators');
  addClientCommand(group, surroundings, {
    usage: 'status',
    summary: 'show whether the scheduler runs',
    examples: ['scheduler status'],
    async run(client) {
      showOne(client, FIELDS, await client.api.receive({ method: 'GET', path: SCHEDULER }, schedulerSchema));
    },
  });
  addDecisions(group, surroundings);
  addPlan({ group, surroundings });
  for (const [verb, summary] of Object.entries({
    pause: 'let the scheduler change nothing; what runs goes on serving',
    resume: 'let the scheduler start and stop replicas again',
  })) {
    addClientCommand<CreateOptions>(group, surroundings, {
      ...{ usage: verb, summary, examples: [`scheduler ${verb}`], options: createOptions() },
      async run(client, options) {
        showOne(client, FIELDS, await client.api.receive(post(`${SCHEDULER}/${verb}`, {}, options), schedulerSchema));
      },
    });
  }
}

function addDecisions(group: Command, surroundings: Surroundings): void {
  addClientCommand<DecisionOptions>(group, surroundings, {
    usage: 'decisions',
    summary: 'list what the scheduler has decided, the newest first; --json has the numbers',
    examples: ['scheduler decisions', 'scheduler decisions --deployment qwen3-8b --action unplaced'],
    options: [
      new Option('--deployment <model or id>', 'about this deployment only'),
      new Option('--replica <id>', 'about this replica only'),
      new Option('--runner <name or id>', 'about this runner only'),
      new Option('--action <name>', 'start, stop, drain, unplaced and the like only'),
      new Option('--reason <word>', 'for this reason only'),
      ...listOptions(),
    ],
    async run(client, { deployment, replica: replicaId, runner, action, reason, ...wish }) {
      const deploymentId = deployment === undefined ? undefined : await findDeployment(client.api, deployment);
      const runnerId = runner === undefined ? undefined : await findRunner(client.api, runner);
      const query = { deploymentId, replicaId, runnerId, action, reason };
      const subject = { path: `${SCHEDULER}/decisions`, query, entry: decisionSchema, idOf: ({ id }: Decision) => id };
      showList(client, COLUMNS, await readList(client.api, subject, wish));
    },
  });
}
