import { Option, type Command } from 'commander';
import { z } from 'zod';
import type { AdminApi } from '../../admin-api/admin-api.js';
import { inPath } from '../../admin-api/admin-request.js';
import { addGroup, type Surroundings } from '../../client-command.js';
import { numberCell, pairsCell, textCell, timeCell } from '../../output/cells.js';
import type { Column } from '../../output/table.js';
import { onlyOne } from '../find-by-name.js';
import { addAction, addCreate, addDelete, addGet, addList, addUpdate, type Resource } from '../resource.js';
import { wishOf, wishOptions, type WishOptions } from './wish-options.js';

const DEPLOYMENTS = '/admin/v1/deployments';

const deploymentSchema = z.looseObject({
  id: z.string(),
  model: z.string(),
  minReplicas: z.number(),
  maxReplicas: z.number(),
  perRunner: z.boolean().nullish(),
  contextLength: z.number().nullish(),
  slots: z.number().nullish(),
  keepAliveSeconds: z.number().nullish(),
  pinned: z.boolean().nullish(),
  priority: z.number().nullish(),
  placement: z.record(z.string(), z.unknown()).nullish(),
  status: z.looseObject({ phase: z.string(), message: z.string().nullish() }).nullish(),
  version: z.number().nullish(),
  createdAt: z.string().nullish(),
});
type Deployment = z.infer<typeof deploymentSchema>;

const model: Column<Deployment> = { title: 'model', cell: (deployment) => textCell(deployment.model) };
const id: Column<Deployment> = { title: 'id', cell: (deployment) => deployment.id };
const phase: Column<Deployment> = { title: 'phase', cell: ({ status }) => textCell(status?.phase) };
const why: Column<Deployment> = { title: 'that is', cell: ({ status }) => textCell(status?.message) };
const replicas: Column<Deployment> = { title: 'replicas', cell: replicasCell };
const priority: Column<Deployment> = { title: 'priority', align: 'right', cell: (each) => numberCell(each.priority) };
const pinned: Column<Deployment> = { title: 'pinned', cell: (each) => (each.pinned === true ? 'yes' : 'no') };
const context: Column<Deployment> = { title: 'context', cell: (each) => chosenCell(each.contextLength) };
const slots: Column<Deployment> = { title: 'slots', cell: (each) => chosenCell(each.slots) };
const keepAlive: Column<Deployment> = { title: 'keep-alive', cell: keepAliveCell };
const placement: Column<Deployment> = { title: 'placement', cell: placementCell };
const version: Column<Deployment> = { title: 'version', cell: (each) => numberCell(each.version) };
const created: Column<Deployment> = { title: 'created (UTC)', cell: (each) => timeCell(each.createdAt) };

const resource: Resource<Deployment, object> = {
  ...{ noun: 'deployment', plural: 'deployments', sample: 'qwen3-8b', schema: deploymentSchema },
  columns: [model, id, phase, replicas, priority, why],
  fields: [
    ...[id, model, phase, why, replicas, priority, pinned, context, slots, keepAlive, placement],
    ...[version, created],
  ],
  scopeOptions: () => [],
  collection: () => Promise.resolve({ path: DEPLOYMENTS }),
  find: deploymentPath,
};

/** `./millrace deployments`. */
export function addDeployments(program: Command, surroundings: Surroundings): void {
  const group = addGroup(program, 'deployments', 'what is served, with how many replicas, and what has become of it');
  const place = { group, surroundings };
  addList(place, resource);
  addCreate<Deployment, object, WishOptions & { model?: string }>(place, resource, {
    options: () => [
      new Option('--model <name or id>', 'a model of the catalogue').makeOptionMandatory(),
      ...wishOptions(),
    ],
    bodyOf: ({ model: served, ...wish }) => ({ model: served, ...wishOf(wish) }),
    examples: [
      'deployments create --model qwen3-8b --min-replicas 2',
      'deployments create --model qwen3-8b --min-replicas 0 --keep-alive-seconds 300 --labels zone=a',
    ],
  });
  addGet(place, resource);
  addUpdate<Deployment, object, WishOptions>(place, resource, {
    options: wishOptions,
    bodyOf: wishOf,
    examples: ['deployments update qwen3-8b --max-replicas 4', 'deployments update qwen3-8b --pinned --priority 10'],
  });
  addAction(place, resource, { verb: 'pause', summary: 'take no new calls of a model, and unload it' });
  addAction(place, resource, { verb: 'resume', summary: 'serve a paused model again' });
  addDelete(place, resource, '; its model stays in the catalogue');
}

/** The path of one deployment, by its id or by the name of its model. */
function deploymentPath(api: AdminApi, modelOrId: string): Promise<string> {
  if (modelOrId.startsWith('dep_')) return Promise.resolve(`${DEPLOYMENTS}/${inPath(modelOrId)}`);
  return onlyOne(api, { noun: 'deployment', collection: DEPLOYMENTS, query: { model: modelOrId } });
}

/** The id of the deployment that is meant. */
export async function findDeployment(api: AdminApi, modelOrId: string): Promise<string> {
  return decodeURIComponent((await deploymentPath(api, modelOrId)).slice(`${DEPLOYMENTS}/`.length));
}

function replicasCell({ minReplicas, maxReplicas, perRunner }: Deployment): string {
  const bounds =
    minReplicas === maxReplicas ? numberCell(minReplicas) : `${String(minReplicas)}–${String(maxReplicas)}`;
  return perRunner === true ? `one per runner (${bounds})` : bounds;
}

function chosenCell(value: number | null | undefined): string {
  return value === null || value === undefined ? 'as the engine chooses' : numberCell(value);
}

function keepAliveCell({ keepAliveSeconds }: Deployment): string {
  return keepAliveSeconds === null || keepAliveSeconds === undefined ? 'for ever' : `${numberCell(keepAliveSeconds)} s`;
}

function placementCell({ placement: wanted }: Deployment): string {
  const { labels, ...others } = wanted ?? {};
  const pairs = { ...(labels as Record<string, string> | undefined), ...others };
  return Object.keys(pairs).length === 0
    ? 'anywhere'
    : pairsCell(Object.fromEntries(Object.entries(pairs).map(([name, value]) => [name, String(value)])));
}
