import { Controller, Get, HttpCode, Inject, Param, Post, Query, Res, UseInterceptors } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Access } from '../../authentication/access.js';
import { ModelCatalogue } from '../../models/model-catalogue.js';
import { Describe } from '../../openapi/describe.js';
import type { JobDirectory, JobEntry } from '../../queueing/job-directory.js';
import { IdempotentPosts } from '../idempotency/idempotent-posts.js';
import { listOf, listPage, readQuery, type ListPage } from '../list-query.js';
import { found } from '../write-outcome.js';
import { jobListQuery, jobSchema, type JobOnWire } from './jobs-schema.js';

/** The jobs of all API processes. */
export type Jobs = Pick<JobDirectory, 'find' | 'cancel'>;

/** Where Nest finds them. */
export const JOBS = Symbol('Jobs');

const INCOMPLETE = 'incomplete: not every API process has answered in time';

/** /admin/v1/jobs: what waits and runs at this moment, job by job. For operators. */
@Access(['operator'])
@UseInterceptors(IdempotentPosts)
@Controller('admin/v1/jobs')
export class JobsController {
  constructor(
    private readonly catalogue: ModelCatalogue,
    @Inject(JOBS) private readonly jobs: Jobs,
  ) {}

  @Get()
  @Describe({
    operationId: 'listJobs',
    summary: 'List the jobs that wait or run',
    details: 'Those of all API processes, as they are at this moment; one that has ended is in the usage only.',
    query: jobListQuery,
    answer: listOf(jobSchema),
    answerHeaders: { 'x-millrace-warning': 'There when not every API process has answered in time.' },
  })
  async list(
    @Query() query: Record<string, unknown>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ListPage<JobOnWire>> {
    const { limit, model, ...filters } = readQuery(query, jobListQuery);
    const named = model === undefined ? filters.deploymentId : this.deploymentOf(model);
    const { jobs, hasMore, complete } = await this.jobs.find({ ...filters, deploymentId: named }, limit);
    if (!complete) void reply.header('x-millrace-warning', INCOMPLETE);
    return listPage({ entries: jobs, hasMore }, (job) => this.onWire(job));
  }

  @Get(':jobId')
  @Describe({ operationId: 'getJob', summary: 'Read a job that waits or runs', answer: jobSchema })
  async get(@Param('jobId') id: string): Promise<JobOnWire> {
    const { jobs } = await this.jobs.find({ id }, 1);
    return this.onWire(found(jobs[0], { resource: 'job', id }));
  }

  @Post(':jobId/cancel')
  @HttpCode(200)
  @Describe({
    ...{ operationId: 'cancelJob', summary: 'End a job', answer: jobSchema },
    details: 'Its caller hears an error. What was generated until then is billed.',
  })
  async cancel(@Param('jobId') id: string): Promise<JobOnWire> {
    return this.onWire(found(await this.jobs.cancel(id), { resource: 'job', id }));
  }

  private onWire({ acceptedAtMs, startedAtMs, ...job }: JobEntry): JobOnWire {
    const served = this.catalogue.all().find(({ deploymentId }) => deploymentId === job.deploymentId);
    return {
      ...job,
      model: served?.name ?? null,
      createdAt: new Date(acceptedAtMs).toISOString(),
      startedAt: startedAtMs === null ? null : new Date(startedAtMs).toISOString(),
    };
  }

  /** An id that nothing has for a model that is not served. */
  private deploymentOf(model: string): string {
    return this.catalogue.all().find(({ name }) => name === model)?.deploymentId ?? '';
  }
}
