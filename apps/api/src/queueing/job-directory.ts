import { z } from 'zod';
import { OwnersAsked, type AskOwnersOptions } from './ask-owners.js';
import type { JobOwner } from './job-owner.js';
import type { OwnedJob } from './owned-job.js';

const stateSchema = z.enum(['queued', 'running', 'cancelling']);

/** A job as it is at this moment, in ids and numbers: nothing of what was asked or answered. */
const entrySchema = z.object({
  id: z.string(),
  tenantId: z.string(),
  deploymentId: z.string(),
  state: stateSchema,
  attempt: z.number(),
  runnerId: z.string().nullable(),
  promptTokensEstimate: z.number(),
  deliveredTokens: z.number(),
  acceptedAtMs: z.number(),
  startedAtMs: z.number().nullable(),
});
export type JobEntry = z.infer<typeof entrySchema>;

const filtersSchema = z.object({
  id: z.string().optional(),
  tenantId: z.string().optional(),
  deploymentId: z.string().optional(),
  state: stateSchema.optional(),
  after: z.string().optional(),
});
const questionSchema = filtersSchema.extend({ limit: z.number(), cancel: z.boolean() });
type Question = z.infer<typeof questionSchema>;

/** Which jobs are meant; what is left out is any. */
export type JobFilters = { [Name in keyof z.infer<typeof filtersSchema>]?: string | undefined };

/** Jobs, newest first. */
export interface FoundJobs {
  jobs: JobEntry[];
  hasMore: boolean;
  /** Whether every API process has answered in time. */
  complete: boolean;
}

type Owners = Pick<AskOwnersOptions<Question, JobEntry[]>, 'owner' | 'redis' | 'subscriber' | 'onError'>;

/** Finds and cancels the jobs of all API processes, each of which owns its own. */
export class JobDirectory {
  private readonly owners: OwnersAsked<Question, JobEntry[]>;

  constructor(
    private readonly jobs: Pick<JobOwner, 'all' | 'cancel' | 'linksUp'>,
    owners: Owners,
  ) {
    const ownAnswer = (question: Question) => this.own(question);
    const schemas = { question: questionSchema, answer: z.array(entrySchema) };
    this.owners = new OwnersAsked({ ...owners, ...schemas, topic: 'jobs', ownAnswer });
  }

  start(): Promise<void> {
    return this.owners.start();
  }

  close(): void {
    this.owners.close();
  }

  async find(filters: JobFilters, limit: number): Promise<FoundJobs> {
    const question = questionSchema.parse({ ...filters, limit: limit + 1, cancel: false });
    const { answers, complete } = await this.owners.ask(question);
    const found = newestFirst(answers.flat());
    return { jobs: found.slice(0, limit), hasMore: found.length > limit, complete };
  }

  /** Idempotent. Undefined when no process that answers has the job. */
  async cancel(id: string): Promise<JobEntry | undefined> {
    const { answers } = await this.owners.ask({ id, limit: 1, cancel: true });
    return answers.flat()[0];
  }

  private own({ limit, cancel, ...filters }: Question): JobEntry[] {
    const meant = [...this.jobs.all()].filter((job) => job.state.phase !== 'done' && isMeant(job, filters));
    const entries = newestFirst(meant.map((job) => this.entryOf(job))).slice(0, limit);
    if (!cancel) return entries;
    for (const job of meant) this.jobs.cancel(job);
    return meant.map((job) => this.entryOf(job));
  }

  private entryOf(job: OwnedJob): JobEntry {
    const { spec, state, acceptedAtMs, firstClaimAtMs, deliveredTokenIds } = job;
    const { tenantId, deploymentId, promptTokensEstimate } = spec;
    return {
      ...{ id: spec.jobId, tenantId, deploymentId, promptTokensEstimate, acceptedAtMs },
      state: stateOf(job),
      attempt: state.attempt,
      runnerId: 'link' in state ? (this.jobs.linksUp.runnerOf(state.link) ?? null) : null,
      deliveredTokens: deliveredTokenIds.length,
      startedAtMs: firstClaimAtMs ?? null,
    };
  }
}

function stateOf({ state }: OwnedJob): JobEntry['state'] {
  switch (state.phase) {
    case 'waiting':
      return 'queued';
    case 'claimed':
      return 'running';
    case 'cancelling':
    case 'done':
      return 'cancelling';
  }
}

function isMeant(job: OwnedJob, { id, tenantId, deploymentId, state, after }: z.infer<typeof filtersSchema>): boolean {
  const { spec } = job;
  return (
    (id ?? spec.jobId) === spec.jobId &&
    (tenantId ?? spec.tenantId) === spec.tenantId &&
    (deploymentId ?? spec.deploymentId) === spec.deploymentId &&
    (state === undefined || state === stateOf(job)) &&
    (after === undefined || spec.jobId < after)
  );
}

function newestFirst(jobs: readonly JobEntry[]): JobEntry[] {
  return [...jobs].sort((one, other) => (one.id < other.id ? 1 : -1));
}
