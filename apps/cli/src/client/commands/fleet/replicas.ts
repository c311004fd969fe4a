import { Option, type Command } from 'commander';
import { z } from 'zod';
import type { AdminApi } from '../../admin-api/admin-api.js';
import { inPath } from '../../admin-api/admin-request.js';
import { addGroup, type Surroundings } from '../../client-command.js';
import { bytesCell, namesCell, numberCell, textCell, timeCell } from '../../output/cells.js';
import type { Column } from '../../output/table.js';
import { addAction, addGet, addList, type Resource } from '../resource.js';
import { findRunner } from './runners.js';

const REPLICAS = '/admin/v1/replicas';

const replicaSchema = z.looseObject({
  id: z.string(),
  deploymentId: z.string().nullish(),
  model: z.string().nullish(),
  runnerId: z.string(),
  runnerName: z.string().nullish(),
  deviceKeys: z.array(z.string()).nullish(),
  state: z.string(),
  slots: z.number().nullish(),
  contextLength: z.number().nullish(),
  inFlight: z.number().nullish(),
  reservedBytes: z.number().nullish(),
  measuredBytes: z.number().nullish(),
  readySince: z.string().nullish(),
  lastUsedAt: z.string().nullish(),
  status: z.looseObject({ reason: z.string().nullish(), message: z.string().nullish() }).nullish(),
});
type Replica = z.infer<typeof replicaSchema>;

const id: Column<Replica> = { title: 'id', cell: (replica) => replica.id };
const model: Column<Replica> = { title: 'model', cell: (replica) => textCell(replica.model) };
const state: Column<Replica> = { title: 'state', cell: (replica) => textCell(replica.state) };
const runner: Column<Replica> = { title: 'runner', cell: (one) => textCell(one.runnerName ?? one.runnerId) };
const devices: Column<Replica> = { title: 'devices', cell: (replica) => namesCell(replica.deviceKeys) };
const load: Column<Replica> = {
  title: 'serves',
  align: 'right',
  cell: ({ inFlight, slots }) => `${numberCell(inFlight)}/${numberCell(slots)}`,
};
const bytes: Column<Replica> = { title: 'reserved', align: 'right', cell: (one) => bytesCell(one.reservedBytes) };
const measured: Column<Replica> = { title: 'measured', align: 'right', cell: (one) => bytesCell(one.measuredBytes) };
const context: Column<Replica> = { title: 'context', cell: (replica) => numberCell(replica.contextLength) };
const deployment: Column<Replica> = { title: 'deployment', cell: (replica) => textCell(replica.deploymentId) };
const ready: Column<Replica> = { title: 'ready since (UTC)', cell: (replica) => timeCell(replica.readySince) };
const used: Column<Replica> = { title: 'last used (UTC)', cell: (replica) => timeCell(replica.lastUsedAt) };
const reason: Column<Replica> = { title: 'reason', cell: ({ status }) => textCell(status?.reason) };
const why: Column<Replica> = { title: 'that is', cell: ({ status }) => textCell(status?.message) };

interface ReplicaScope {
  model?: string;
  runner?: string;
  state?: string;
}

const resource: Resource<Replica, ReplicaScope> = {
  ...{ noun: 'replica', plural: 'replicas', sample: 'rep_01…', schema: replicaSchema },
  columns: [id, model, state, runner, devices, load, bytes],
  fields: [id, model, deployment, state, reason, why, runner, devices, load, context, bytes, measured, ready, used],
  scopeOptions: () => [],
  async collection(api, { model: named, runner: nameOrId, state: wanted }) {
    const runnerId = nameOrId === undefined ? undefined : await findRunner(api, nameOrId);
    return { path: REPLICAS, query: { model: named, runnerId, state: wanted } };
  },
  find: (_: AdminApi, wanted: string) => Promise.resolve(`${REPLICAS}/${inPath(wanted)}`),
};

/** `./millrace replicas`. */
export function addReplicas(program: Command, surroundings: Surroundings): void {
  const group = addGroup(program, 'replicas', 'the loaded copies of models, for operators');
  const place = { group, surroundings };
  addList(place, { ...resource, sample: 'rep_01…', scopeOptions });
  addGet(place, resource);
  addAction(place, resource, { verb: 'restart', summary: 'replace a replica by a new one, once it is idle' });
  addAction(place, resource, { verb: 'drain', summary: 'let a replica finish what it serves, and stop it' });
}

function scopeOptions(): Option[] {
  return [
    new Option('--model <name>', 'of this model only'),
    new Option('--runner <name or id>', 'on this runner only'),
    new Option('--state <state>', 'in this state only'),
  ];
}
