import { Option, type Command } from 'commander';
import { z } from 'zod';
import type { AdminApi } from '../../admin-api/admin-api.js';
import { inPath } from '../../admin-api/admin-request.js';
import { addGroup, type Surroundings } from '../../client-command.js';
import { numberCell, textCell, timeCell } from '../../output/cells.js';
import type { Column } from '../../output/table.js';
import { findTenant } from '../find-tenant.js';
import { addAction, addGet, addList, type Resource } from '../resource.js';

const JOBS = '/admin/v1/jobs';

const jobSchema = z.looseObject({
  id: z.string(),
  tenantId: z.string().nullish(),
  model: z.string().nullish(),
  deploymentId: z.string().nullish(),
  state: z.string(),
  attempt: z.number().nullish(),
  runnerId: z.string().nullish(),
  promptTokensEstimate: z.number().nullish(),
  deliveredTokens: z.number().nullish(),
  createdAt: z.string().nullish(),
  startedAt: z.string().nullish(),
});
type Job = z.infer<typeof jobSchema>;

const id: Column<Job> = { title: 'id', cell: (job) => job.id };
const state: Column<Job> = { title: 'state', cell: (job) => textCell(job.state) };
const model: Column<Job> = { title: 'model', cell: (job) => textCell(job.model ?? job.deploymentId) };
const tenant: Column<Job> = { title: 'tenant', cell: (job) => textCell(job.tenantId) };
const runner: Column<Job> = { title: 'runner', cell: (job) => textCell(job.runnerId) };
const tokens: Column<Job> = { title: 'tokens', align: 'right', cell: (job) => numberCell(job.deliveredTokens) };
const prompt: Column<Job> = { title: 'prompt, about', cell: (job) => numberCell(job.promptTokensEstimate) };
const attempt: Column<Job> = { title: 'attempt', align: 'right', cell: (job) => numberCell(job.attempt) };
const since: Column<Job> = { title: 'since (UTC)', cell: (job) => timeCell(job.createdAt) };
const started: Column<Job> = { title: 'started (UTC)', cell: (job) => timeCell(job.startedAt) };

interface JobScope {
  state?: string;
  tenant?: string;
  model?: string;
}

const resource: Resource<Job, JobScope> = {
  ...{ noun: 'job', plural: 'jobs', sample: 'ses_01…', schema: jobSchema },
  columns: [id, state, model, tenant, runner, tokens, attempt, since],
  fields: [id, state, model, tenant, runner, prompt, tokens, attempt, since, started],
  scopeOptions: () => [],
  async collection(api, { state: wanted, tenant: nameOrId, model: named }) {
    const tenantId = nameOrId === undefined ? undefined : await findTenant(api, nameOrId);
    return { path: JOBS, query: { state: wanted, tenantId, model: named } };
  },
  find: (_: AdminApi, wanted: string) => Promise.resolve(`${JOBS}/${inPath(wanted)}`),
};

/** `./millrace jobs`. */
export function addJobs(program: Command, surroundings: Surroundings): void {
  const group = addGroup(program, 'jobs', 'the requests that wait or run at this moment, for operators');
  const place = { group, surroundings };
  addList(place, { ...resource, scopeOptions, everyMs: 1_000 });
  addGet(place, resource);
  addAction(place, resource, { verb: 'cancel', summary: 'end a job; its caller hears an error' });
}

function scopeOptions(): Option[] {
  return [
    new Option('--state <state>', 'in this state only').choices(['queued', 'running', 'cancelling']),
    new Option('--tenant <name or id>', 'of this tenant only'),
    new Option('--model <name>', 'for this model only'),
  ];
}
