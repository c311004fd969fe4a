import { Controller, Get, HttpCode, Post, Query, Req, UseInterceptors } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { SchedulerLogStore, type DeploymentWish, type LoggedDecision, type WriteBy } from '@millrace/adapters/postgres';
import { decisionSentence } from '@millrace/domain/placement';
import { Access } from '../../authentication/access.js';
import { Describe } from '../../openapi/describe.js';
import { readOptionalBody } from '../admin-body.js';
import { IdempotentPosts } from '../idempotency/idempotent-posts.js';
import { listOf, listPage, readQuery, type ListPage } from '../list-query.js';
import { Requester } from '../requester.js';
import { DeploymentViews } from './deployment-views.js';
import { FleetDryRun } from './fleet-dry-run.js';
import { planQuestionSchema, planSchema, type PlanOnWire } from './plan-schema.js';
import {
  decisionListQuery,
  decisionSchema,
  schedulerSchema,
  type DecisionOnWire,
  type SchedulerOnWire,
} from './scheduler-schema.js';

/** /admin/v1/scheduler: what is decided and why, what would be, and whether anything is. For operators. */
@Access(['operator'])
@UseInterceptors(IdempotentPosts)
@Controller('admin/v1/scheduler')
export class SchedulerController {
  constructor(
    private readonly log: SchedulerLogStore,
    private readonly dryRun: FleetDryRun,
    private readonly views: DeploymentViews,
  ) {}

  @Get()
  @Describe({ operationId: 'getScheduler', summary: 'Read how scheduling goes', answer: schedulerSchema })
  async get(): Promise<SchedulerOnWire> {
    return this.log.state();
  }

  @Get('decisions')
  @Describe({
    ...{ operationId: 'listSchedulerDecisions', summary: 'List what the scheduler has decided, and why' },
    details: 'The newest 10,000 are kept. What is left undone is said once, until its reason changes.',
    ...{ query: decisionListQuery, answer: listOf(decisionSchema) },
  })
  async decisions(@Query() query: Record<string, unknown>): Promise<ListPage<DecisionOnWire>> {
    const { limit, after, ...filters } = readQuery(query, decisionListQuery);
    return listPage(await this.log.list(filters, { limit, after }), toWire);
  }

  @Post('plan')
  @HttpCode(200)
  @Describe({
    ...{ operationId: 'planPlacements', summary: 'Ask what the scheduler would do now' },
    details:
      'Nothing is done. Without a body it is the plan for the fleet as it is, with a deployment the plan as if its model ' +
      'were deployed so. One on demand that nobody asks for is planned as if one call had waited for it.',
    ...{ body: planQuestionSchema, bodyOptional: true, answer: planSchema },
  })
  async plan(@Req() request: FastifyRequest): Promise<PlanOnWire> {
    const { deployment } = await readOptionalBody(request.raw, planQuestionSchema);
    if (deployment === undefined) return this.dryRun.plan();
    const { model: nameOrId, ...wish } = deployment;
    const model = await this.views.requireModel(nameOrId);
    return this.dryRun.plan({ model, wish: wish as DeploymentWish });
  }

  @Post('pause')
  @HttpCode(200)
  @Describe({
    ...{ operationId: 'pauseScheduler', summary: 'Pause the scheduler', answer: schedulerSchema },
    details: 'It goes on observing and explaining, and starts, stops and moves nothing. What runs goes on serving.',
  })
  async pause(@Requester() { actor }: WriteBy): Promise<SchedulerOnWire> {
    await this.log.setPaused(true, actor);
    return this.log.state();
  }

  @Post('resume')
  @HttpCode(200)
  @Describe({ operationId: 'resumeScheduler', summary: 'Resume the scheduler', answer: schedulerSchema })
  async resume(@Requester() { actor }: WriteBy): Promise<SchedulerOnWire> {
    await this.log.setPaused(false, actor);
    return this.log.state();
  }
}

function toWire({ decidedAt, ...decision }: LoggedDecision): DecisionOnWire {
  const { id, epoch, action, reason, deploymentId, model, replicaId, numbers } = decision;
  const message = decisionSentence({ action, reason, numbers });
  return { id, at: decidedAt.toISOString(), epoch, action, reason, message, deploymentId, model, replicaId, numbers };
}
