import { Controller, Get, Inject, Query, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { ServedModel } from '@millrace/adapters/postgres';
import type { QueueState } from '@millrace/domain/queues';
import { Access } from '../authentication/access.js';
import { ModelCatalogue } from '../models/model-catalogue.js';
import type { GatheredQueues } from '../queueing/gather-queues.js';
import { Describe } from '../openapi/describe.js';
import { listOf, listQuerySchema, pageOf, readListQuery, type ListPage } from './list-query.js';
import { queueSchema, type Queue } from './queue-schema.js';

/** Reads the queues of all API processes. */
export type GatherQueues = () => Promise<GatheredQueues>;

/** Where Nest finds GatherQueues. */
export const GATHER_QUEUES = Symbol('GatherQueues');

const INCOMPLETE = 'incomplete: not every API process has answered in time';

/** GET /admin/v1/queues: what waits and runs at this moment, one entry per deployment. For operators. */
@Access(['operator'])
@Controller('admin/v1/queues')
export class QueuesController {
  constructor(
    private readonly catalogue: ModelCatalogue,
    @Inject(GATHER_QUEUES) private readonly gatherQueues: GatherQueues,
  ) {}

  @Get()
  @Describe({
    operationId: 'listQueues',
    summary: 'List the queue of each deployment',
    details: 'What waits and runs at this moment, in all API processes together.',
    query: listQuerySchema,
    answer: listOf(queueSchema),
    answerHeaders: { 'x-millrace-warning': 'There when not every API process has answered in time.' },
  })
  async list(
    @Query() query: Record<string, unknown>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<ListPage<Queue>> {
    const wanted = readListQuery(query);
    const { queues, complete } = await this.gatherQueues();
    if (!complete) void reply.header('x-millrace-warning', INCOMPLETE);
    const entries = this.catalogue.all().map((model) => describeQueue(model, queues.get(model.deploymentId)));
    return pageOf(entries, wanted, ({ deploymentId }) => deploymentId);
  }
}

function describeQueue({ deploymentId, name }: ServedModel, queue: QueueState | undefined): Queue {
  const { waiting = 0, running = 0, oldestWaitMs = 0, tokensPerSecond = 0, byTenant = {}, byBand = {} } = queue ?? {};
  const serviceRateTokensPerSecond = Math.round(tokensPerSecond * 10) / 10;
  return { deploymentId, model: name, waiting, running, oldestWaitMs, serviceRateTokensPerSecond, byTenant, byBand };
}
