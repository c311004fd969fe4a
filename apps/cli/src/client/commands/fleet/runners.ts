import { Option, type Command } from 'commander';
import { z } from 'zod';
import type { AdminApi } from '../../admin-api/admin-api.js';
import { inPath } from '../../admin-api/admin-request.js';
import { addGroup, type Surroundings } from '../../client-command.js';
import { labels, type Cleared } from '../../option-values.js';
import { namesCell, numberCell, pairsCell, textCell, timeCell } from '../../output/cells.js';
import type { Column } from '../../output/table.js';
import { onlyOne } from '../find-by-name.js';
import { addAction, addDelete, addGet, addList, addUpdate, type Resource } from '../resource.js';

const RUNNERS = '/admin/v1/runners';

const runnerSchema = z.looseObject({
  id: z.string(),
  name: z.string(),
  labels: z.record(z.string(), z.string()).nullish(),
  adminState: z.string(),
  health: z.string().nullish(),
  engines: z.array(z.string()).nullish(),
  lastHeartbeatAt: z.string().nullish(),
  devices: z.number().nullish(),
  replicas: z.number().nullish(),
  status: z.looseObject({ phase: z.string(), message: z.string().nullish() }).nullish(),
  version: z.number().nullish(),
  createdAt: z.string().nullish(),
});
type Runner = z.infer<typeof runnerSchema>;

const name: Column<Runner> = { title: 'name', cell: (runner) => textCell(runner.name) };
const id: Column<Runner> = { title: 'id', cell: (runner) => runner.id };
const phase: Column<Runner> = { title: 'phase', cell: ({ status }) => textCell(status?.phase) };
const state: Column<Runner> = { title: 'state', cell: (runner) => textCell(runner.adminState) };
const health: Column<Runner> = { title: 'health', cell: (runner) => textCell(runner.health) };
const replicas: Column<Runner> = { title: 'replicas', align: 'right', cell: (runner) => numberCell(runner.replicas) };
const devices: Column<Runner> = { title: 'devices', align: 'right', cell: (runner) => numberCell(runner.devices) };
const heard: Column<Runner> = { title: 'heard (UTC)', cell: (runner) => timeCell(runner.lastHeartbeatAt) || 'never' };
const labelled: Column<Runner> = { title: 'labels', cell: (runner) => pairsCell(runner.labels) };
const engines: Column<Runner> = { title: 'engines', cell: (runner) => namesCell(runner.engines) };
const why: Column<Runner> = { title: 'that is', cell: ({ status }) => textCell(status?.message) };
const version: Column<Runner> = { title: 'version', cell: (runner) => numberCell(runner.version) };
const created: Column<Runner> = { title: 'joined (UTC)', cell: (runner) => timeCell(runner.createdAt) };

const resource: Resource<Runner, object> = {
  ...{ noun: 'runner', plural: 'runners', sample: 'gpu-node-1', schema: runnerSchema },
  columns: [name, id, phase, devices, replicas, labelled, heard],
  fields: [id, name, phase, why, state, health, devices, replicas, labelled, engines, heard, version, created],
  scopeOptions: () => [],
  collection: () => Promise.resolve({ path: RUNNERS }),
  find: runnerPath,
};

/** The path of the runner that is meant. */
function runnerPath(api: AdminApi, nameOrId: string): Promise<string> {
  if (nameOrId.startsWith('run_')) return Promise.resolve(`${RUNNERS}/${inPath(nameOrId)}`);
  return onlyOne(api, { noun: 'runner', collection: RUNNERS, query: { name: nameOrId } });
}

/** The id of the runner that is meant. */
export async function findRunner(api: AdminApi, nameOrId: string): Promise<string> {
  return decodeURIComponent((await runnerPath(api, nameOrId)).slice(`${RUNNERS}/`.length));
}

interface LabelOptions {
  labels?: Record<string, string | Cleared> | Cleared;
}

/** `./millrace runners`. */
export function addRunners(program: Command, surroundings: Surroundings): void {
  const group = addGroup(program, 'runners', 'the processes on GPU nodes that host replicas, for operators');
  const place = { group, surroundings };
  addList(place, resource);
  addGet(place, resource);
  addUpdate<Runner, object, LabelOptions>(place, resource, {
    options: () => [
      new Option('--labels <k=v,…>', 'labels to set; `k=` takes one back, none all that were set').argParser(labels),
    ],
    bodyOf: (options) => ({ labels: options.labels }),
    examples: ['runners update gpu-node-1 --labels zone=a,tier=gold', 'runners update gpu-node-1 --labels none'],
  });
  addAction(place, resource, { verb: 'cordon', summary: 'place nothing new on a runner; what it has stays' });
  addAction(place, resource, { verb: 'uncordon', summary: 'let a runner take replicas again' });
  addAction(place, resource, {
    verb: 'drain',
    summary: 'let a runner finish what it serves, and take its replicas away',
  });
  addAction(place, resource, { verb: 'maintenance', summary: 'as drain, and say that somebody works on the machine' });
  addDelete(place, resource, ' with its credential');
}
