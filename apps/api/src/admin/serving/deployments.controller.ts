import { Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Req, UseInterceptors } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { DeploymentStore, type Deployment, type DeploymentWish, type WriteBy } from '@millrace/adapters/postgres';
import { Access } from '../../authentication/access.js';
import { Describe } from '../../openapi/describe.js';
import { ChangeAnnouncer } from '../../stores/announce-changes.js';
import { readAdminBody, requireValid } from '../admin-body.js';
import { DeploymentViews } from './deployment-views.js';
import {
  changeDeploymentSchema,
  createDeploymentSchema,
  deploymentListQuery,
  deploymentSchema,
  deploymentWishSchema,
  type DeploymentOnWire,
} from './deployments-schema.js';
import { IdempotentPosts } from '../idempotency/idempotent-posts.js';
import { listOf, readQuery, type ListPage } from '../list-query.js';
import { mergePatch } from '../merge-patch.js';
import { Requester } from '../requester.js';
import { found, written } from '../write-outcome.js';

/** /admin/v1/deployments: what is to be served. For operators. */
@Access(['operator'])
@UseInterceptors(IdempotentPosts)
@Controller('admin/v1/deployments')
export class DeploymentsController {
  constructor(
    private readonly deployments: DeploymentStore,
    private readonly views: DeploymentViews,
    private readonly announce: ChangeAnnouncer,
  ) {}

  @Get()
  @Describe({
    ...{ operationId: 'listDeployments', summary: 'List deployments' },
    ...{ query: deploymentListQuery, answer: listOf(deploymentSchema) },
  })
  async list(@Query() query: Record<string, unknown>): Promise<ListPage<DeploymentOnWire>> {
    const { model, ...page } = readQuery(query, deploymentListQuery);
    const modelId = model === undefined ? undefined : ((await this.views.findModelId(model)) ?? '');
    const { entries, hasMore } = await this.deployments.list({ modelId }, page);
    return { object: 'list', data: await this.views.show(entries), hasMore };
  }

  @Post()
  @Describe({
    ...{ operationId: 'createDeployment', summary: 'Deploy a model' },
    details: 'From then on callers may use the model; they wait until a replica is loaded. A model has one deployment.',
    ...{ body: createDeploymentSchema, answer: deploymentSchema },
  })
  async create(@Req() request: FastifyRequest, @Requester() { actor }: WriteBy): Promise<DeploymentOnWire> {
    const { model, ...wish } = await readAdminBody(request.raw, createDeploymentSchema);
    const { id: modelId } = await this.views.requireModel(model);
    return this.changed(await this.deployments.create(modelId, wish as DeploymentWish, actor), model);
  }

  @Get(':deploymentId')
  @Describe({ operationId: 'getDeployment', summary: 'Read a deployment', answer: deploymentSchema })
  async get(@Param('deploymentId') id: string): Promise<DeploymentOnWire> {
    return this.show(found(await this.deployments.get(id), { resource: 'deployment', id }));
  }

  @Patch(':deploymentId')
  @Describe({
    ...{ operationId: 'changeDeployment', summary: 'Change a deployment' },
    details:
      'It serves the same model for good. Where context length, slots or placement change, replicas finish what they ' +
      'serve and are loaded anew.',
    ...{ body: changeDeploymentSchema, answer: deploymentSchema, ifMatch: true },
  })
  async change(
    @Param('deploymentId') id: string,
    @Req() request: FastifyRequest,
    @Requester() by: WriteBy,
  ): Promise<DeploymentOnWire> {
    const changes = await readAdminBody(request.raw, changeDeploymentSchema);
    const alter = (wish: DeploymentWish) => merged(wish, changes);
    return this.changed(await this.deployments.change(id, by, alter), id);
  }

  @Post(':deploymentId/pause')
  @HttpCode(200)
  @Describe({
    ...{ operationId: 'pauseDeployment', summary: 'Pause a deployment', answer: deploymentSchema, ifMatch: true },
    details: 'Its replicas finish what they serve and stop. Calls that wait go on waiting, new ones are refused.',
  })
  async pause(@Param('deploymentId') id: string, @Requester() by: WriteBy): Promise<DeploymentOnWire> {
    return this.changed(await this.deployments.setPaused(id, true, by), id);
  }

  @Post(':deploymentId/resume')
  @HttpCode(200)
  @Describe({
    ...{ operationId: 'resumeDeployment', summary: 'Resume a deployment', answer: deploymentSchema, ifMatch: true },
    details: 'It takes calls again, and its replicas are loaded.',
  })
  async resume(@Param('deploymentId') id: string, @Requester() by: WriteBy): Promise<DeploymentOnWire> {
    return this.changed(await this.deployments.setPaused(id, false, by), id);
  }

  @Delete(':deploymentId')
  @HttpCode(204)
  @Describe({
    ...{ operationId: 'deleteDeployment', summary: 'Delete a deployment', ifMatch: true },
    details: 'Answers that run may finish; calls that wait end with an error. The model stays in the catalogue.',
  })
  async delete(@Param('deploymentId') id: string, @Requester() by: WriteBy): Promise<void> {
    written(await this.deployments.delete(id, by), { resource: 'deployment', id });
    await this.announce.catalogueChanged();
  }

  /** Tells every API process of a change that was made. */
  private async changed(
    outcome: Awaited<ReturnType<DeploymentStore['create']>>,
    id: string,
  ): Promise<DeploymentOnWire> {
    const deployment = written(outcome, { resource: 'deployment', id });
    await this.announce.catalogueChanged();
    return this.show(deployment);
  }

  private async show(deployment: Deployment): Promise<DeploymentOnWire> {
    const [shown] = await this.views.show([deployment]);
    return found(shown, { resource: 'deployment', id: deployment.id });
  }
}

/** Throws ApiError when the changes would leave no wish that can be. */
function merged({ ...wish }: DeploymentWish, changes: Readonly<Record<string, unknown>>): DeploymentWish {
  return requireValid(mergePatch(wish, changes), deploymentWishSchema) as DeploymentWish;
}
