import { Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Req, UseInterceptors } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { RunnerAdminStore, type WriteBy } from '@millrace/adapters/postgres';
import type { AdminState } from '@millrace/domain/placement';
import { Access } from '../../authentication/access.js';
import { Describe } from '../../openapi/describe.js';
import { readAdminBody } from '../admin-body.js';
import { IdempotentPosts } from '../idempotency/idempotent-posts.js';
import { listOf, listPage, readQuery, type ListPage } from '../list-query.js';
import { Requester } from '../requester.js';
import { found, written } from '../write-outcome.js';
import { runnerOnWire } from './runner-on-wire.js';
import { changeRunnerSchema, runnerListQuery, runnerSchema, type RunnerOnWire } from './runners-schema.js';

const acts = { answer: runnerSchema, ifMatch: true };

/** /admin/v1/runners. For operators. */
@Access(['operator'])
@UseInterceptors(IdempotentPosts)
@Controller('admin/v1/runners')
export class RunnersController {
  constructor(private readonly runners: RunnerAdminStore) {}

  @Get()
  @Describe({
    ...{ operationId: 'listRunners', summary: 'List runners' },
    ...{ query: runnerListQuery, answer: listOf(runnerSchema) },
  })
  async list(@Query() query: Record<string, unknown>): Promise<ListPage<RunnerOnWire>> {
    const { limit, after, ...filters } = readQuery(query, runnerListQuery);
    return listPage(await this.runners.list(filters, { limit, after }), runnerOnWire);
  }

  @Get(':runnerId')
  @Describe({ operationId: 'getRunner', summary: 'Read a runner', answer: runnerSchema })
  async get(@Param('runnerId') id: string): Promise<RunnerOnWire> {
    return runnerOnWire(found(await this.runners.get(id), named(id)));
  }

  @Patch(':runnerId')
  @Describe({
    ...{ operationId: 'changeRunner', summary: "Change a runner's labels" },
    details: 'Replicas that may not be where they are by the new labels move within seconds.',
    ...{ body: changeRunnerSchema, ...acts },
  })
  async change(
    @Param('runnerId') id: string,
    @Req() request: FastifyRequest,
    @Requester() by: WriteBy,
  ): Promise<RunnerOnWire> {
    const { labels = {} } = await readAdminBody(request.raw, changeRunnerSchema);
    written(await this.runners.changeLabels(id, labels, by), named(id));
    return this.get(id);
  }

  @Post(':runnerId/cordon')
  @HttpCode(200)
  @Describe({
    ...{ operationId: 'cordonRunner', summary: 'Place no new replicas on a runner', ...acts },
    details: 'Those it has go on serving. It stays so, whatever restarts, until `uncordon`.',
  })
  async cordon(@Param('runnerId') id: string, @Requester() by: WriteBy): Promise<RunnerOnWire> {
    return this.bringTo('cordoned', id, by);
  }

  @Post(':runnerId/uncordon')
  @HttpCode(200)
  @Describe({
    ...{ operationId: 'uncordonRunner', summary: 'Let a runner take replicas again', ...acts },
    details: 'Ends `cordon`, `drain` and `maintenance` alike.',
  })
  async uncordon(@Param('runnerId') id: string, @Requester() by: WriteBy): Promise<RunnerOnWire> {
    return this.bringTo('active', id, by);
  }

  @Post(':runnerId/drain')
  @HttpCode(200)
  @Describe({
    ...{ operationId: 'drainRunner', summary: 'Take all replicas away from a runner', ...acts },
    details:
      'Each finishes what it serves, for a minute at most; what is left then goes on elsewhere. `status.phase` is ' +
      '`drained` once nothing is left. It stays so, whatever restarts, until `uncordon`.',
  })
  async drain(@Param('runnerId') id: string, @Requester() by: WriteBy): Promise<RunnerOnWire> {
    return this.bringTo('draining', id, by);
  }

  @Post(':runnerId/maintenance')
  @HttpCode(200)
  @Describe({
    ...{ operationId: 'maintainRunner', summary: 'Take a runner out of service', ...acts },
    details: 'As `drain`, and says to others that somebody works on the machine.',
  })
  async maintain(@Param('runnerId') id: string, @Requester() by: WriteBy): Promise<RunnerOnWire> {
    return this.bringTo('maintenance', id, by);
  }

  @Delete(':runnerId')
  @Describe({
    ...{ operationId: 'deleteRunner', summary: 'Remove a runner and end its credential', ifMatch: true },
    details:
      'Its connections end within a second or so, and what it served goes on elsewhere. A process that still has a ' +
      'valid join token can join anew: revoke the token too where it is to stay out.',
  })
  @HttpCode(204)
  async delete(@Param('runnerId') id: string, @Requester() by: WriteBy): Promise<void> {
    written(await this.runners.delete(id, by), named(id));
  }

  private async bringTo(adminState: AdminState, id: string, by: WriteBy): Promise<RunnerOnWire> {
    written(await this.runners.changeAdminState(id, adminState, by), named(id));
    return this.get(id);
  }
}

function named(id: string) {
  return { resource: 'runner', id };
}
