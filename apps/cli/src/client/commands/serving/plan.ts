import { Option } from 'commander';
import { z } from 'zod';
import { addClientCommand } from '../../client-command.js';
import { wrongUsage } from '../../client-error.js';
import { bytesCell, textCell } from '../../output/cells.js';
import { asLines } from '../../output/show.js';
import { tableOf, type Column } from '../../output/table.js';
import { post } from '../change.js';
import type { Place } from '../resource.js';
import { wishOf, wishOptions, type WishOptions } from './wish-options.js';

const placed = { model: z.string().nullish(), runner: z.string(), deviceKey: z.string(), reason: z.string() };

const planSchema = z.looseObject({
  paused: z.boolean(),
  start: z.array(z.looseObject({ ...placed, needBytes: z.number(), freeBytes: z.number() })),
  stop: z.array(z.looseObject({ ...placed, message: z.string() })),
  drain: z.array(z.looseObject({ ...placed, message: z.string() })),
  unplaced: z.array(z.looseObject({ model: z.string().nullish(), reason: z.string(), message: z.string() })),
  passedOver: z.array(z.looseObject({ model: z.string().nullish(), reason: z.string(), message: z.string() })),
  estimate: z.array(z.looseObject({ model: z.string(), deviceType: z.string(), runner: z.string() })),
});
type Plan = z.infer<typeof planSchema>;

/** One thing that would be done, or left undone. */
interface Step {
  what: string;
  model: string;
  where: string;
  reason: string;
  message: string;
}

const COLUMNS: Column<Step>[] = [
  { title: 'would', cell: ({ what }) => what },
  { title: 'model', cell: ({ model }) => textCell(model) },
  { title: 'where', cell: ({ where }) => textCell(where) },
  { title: 'reason', cell: ({ reason }) => textCell(reason) },
  { title: 'that is', cell: ({ message }) => textCell(message) },
];

/** `plan`. */
export function addPlan({ group, surroundings }: Place): void {
  addClientCommand<WishOptions & { model?: string }>(group, surroundings, {
    usage: 'plan',
    summary: 'show what the scheduler would do now, or with one more wish; nothing is done',
    examples: ['scheduler plan', 'scheduler plan --model qwen3-8b --min-replicas 4'],
    options: [new Option('--model <name or id>', 'as if this model were deployed so'), ...wishOptions()],
    async run({ api, terminal, json }, { model, ...options }) {
      const wish = wishOf(options);
      if (model === undefined && Object.values(wish).some((value) => value !== undefined)) {
        throw wrongUsage('Say which model the wish is about: --model.');
      }
      const body = model === undefined ? {} : { deployment: { model, ...wish } };
      const { text, body: plan } = await api.receive(post('/admin/v1/scheduler/plan', body, {}), planSchema);
      if (json) return terminal.print(asLines(text));
      if (plan.paused) terminal.note('The scheduler is paused: nothing of this happens until it is resumed.');
      const steps = stepsOf(plan);
      if (steps.length === 0) return terminal.note('Nothing would change.');
      terminal.print(tableOf(COLUMNS, steps));
    },
  });
}

function stepsOf({ start, stop, drain, unplaced, passedOver, estimate }: Plan): Step[] {
  return [
    ...start.map(({ needBytes, freeBytes, ...each }) => ({
      ...{ what: 'start', model: each.model ?? '', where: whereOf(each), reason: each.reason },
      message: `${bytesCell(needBytes)} of ${bytesCell(freeBytes)} free`,
    })),
    ...stop.map((each) => ({ what: 'stop', model: each.model ?? '', where: whereOf(each), ...told(each) })),
    ...drain.map((each) => ({ what: 'drain', model: each.model ?? '', where: whereOf(each), ...told(each) })),
    ...unplaced.map((each) => ({ what: 'leave open', model: each.model ?? '', where: '', ...told(each) })),
    ...passedOver.map((each) => ({ what: 'pass over', model: each.model ?? '', where: '', ...told(each) })),
    ...estimate.map(({ model, deviceType, runner }) => ({
      ...{ what: 'ask', model, where: runner, reason: 'awaiting_footprint' },
      message: `how much it takes of ${deviceType}`,
    })),
  ];
}

function whereOf({ runner, deviceKey }: { runner: string; deviceKey: string }): string {
  return `${runner} ${deviceKey}`;
}

function told({ reason, message }: { reason: string; message: string }) {
  return { reason, message };
}
