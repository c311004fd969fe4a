import { Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Req, UseInterceptors } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { z } from 'zod';
import { ModelStore, type CatalogueModel, type ModelSettings, type WriteBy } from '@millrace/adapters/postgres';
import { Access } from '../../authentication/access.js';
import { Describe } from '../../openapi/describe.js';
import { ChangeAnnouncer } from '../../stores/announce-changes.js';
import { readAdminBody, readOptionalBody, requireValid } from '../admin-body.js';
import { evaluationOnWire } from './evaluation-on-wire.js';
import { evaluateSchema, evaluationSchema, type EvaluationOnWire } from './evaluation-schema.js';
import { FleetDryRun, type WishToPlace } from './fleet-dry-run.js';
import { IdempotentPosts } from '../idempotency/idempotent-posts.js';
import { listOf, listPage, readQuery, type ListPage } from '../list-query.js';
import { mergePatch } from '../merge-patch.js';
import {
  changeModelSchema,
  createModelSchema,
  modelListQuery,
  modelSchema,
  type ModelOnWire,
} from './models-schema.js';
import { Requester } from '../requester.js';
import { found, written } from '../write-outcome.js';

/** /admin/v1/models: the catalogue. For operators. */
@Access(['operator'])
@UseInterceptors(IdempotentPosts)
@Controller('admin/v1/models')
export class CatalogueController {
  constructor(
    private readonly models: ModelStore,
    private readonly dryRun: FleetDryRun,
    private readonly announce: ChangeAnnouncer,
  ) {}

  @Get()
  @Describe({
    ...{ operationId: 'listCatalogueModels', summary: 'List the models of the catalogue' },
    ...{ query: modelListQuery, answer: listOf(modelSchema) },
  })
  async list(@Query() query: Record<string, unknown>): Promise<ListPage<ModelOnWire>> {
    const { limit, after, ...filters } = readQuery(query, modelListQuery);
    return listPage(await this.models.list(filters, { limit, after }), toWire);
  }

  @Post()
  @Describe({
    ...{ operationId: 'createCatalogueModel', summary: 'Add a model to the catalogue' },
    details: 'Callers can use it once it has a deployment.',
    ...{ body: createModelSchema, answer: modelSchema },
  })
  async create(@Req() request: FastifyRequest, @Requester() { actor }: WriteBy): Promise<ModelOnWire> {
    const draft = await readAdminBody(request.raw, createModelSchema);
    return toWire(written(await this.models.create(draft, actor), { resource: 'model', id: draft.name }));
  }

  @Get(':modelId')
  @Describe({ operationId: 'getCatalogueModel', summary: 'Read a model of the catalogue', answer: modelSchema })
  async get(@Param('modelId') id: string): Promise<ModelOnWire> {
    return toWire(found(await this.models.get(id), { resource: 'model', id }));
  }

  @Patch(':modelId')
  @Describe({
    ...{ operationId: 'changeCatalogueModel', summary: 'Change a model of the catalogue' },
    details: 'Replicas of its deployment finish what they serve and are loaded anew as it is then.',
    ...{ body: changeModelSchema, answer: modelSchema, ifMatch: true },
  })
  async change(
    @Param('modelId') id: string,
    @Req() request: FastifyRequest,
    @Requester() by: WriteBy,
  ): Promise<ModelOnWire> {
    const changes = await readAdminBody(request.raw, changeModelSchema);
    const outcome = await this.models.change(id, by, (model) => changed(model, changes));
    const model = written(outcome, { resource: 'model', id });
    await this.announce.catalogueChanged();
    return toWire(model);
  }

  @Post(':modelId/evaluate')
  @HttpCode(200)
  @Describe({
    ...{ operationId: 'evaluateCatalogueModel', summary: 'Ask where a replica of a model could stand' },
    details:
      'Nothing is done: it tells the footprint per device, which devices take a replica, and why others do not. What the ' +
      'body leaves out is as its deployment has it, else the engine chooses.',
    ...{ body: evaluateSchema, bodyOptional: true, answer: evaluationSchema },
  })
  async evaluate(@Param('modelId') id: string, @Req() request: FastifyRequest): Promise<EvaluationOnWire> {
    const asked = (await readOptionalBody(request.raw, evaluateSchema)) as Partial<WishToPlace>;
    const model = found(await this.models.get(id), { resource: 'model', id });
    return evaluationOnWire(model, await this.dryRun.evaluate(model, asked));
  }

  @Delete(':modelId')
  @HttpCode(204)
  @Describe({
    ...{ operationId: 'deleteCatalogueModel', summary: 'Remove a model from the catalogue', ifMatch: true },
    details: 'A model that has a deployment stays: that is a 409.',
  })
  async delete(@Param('modelId') id: string, @Requester() by: WriteBy): Promise<void> {
    written(await this.models.delete(id, by), { resource: 'model', id });
  }
}

/** Throws ApiError when the engine does not take what the model would be. */
function changed(model: CatalogueModel, changes: z.output<typeof changeModelSchema>): ModelSettings {
  const { name, artifact, engine, engineOptions } = model;
  return requireValid(mergePatch({ name, artifact, engine, engineOptions }, changes), createModelSchema);
}

function toWire({ createdAt, ...model }: CatalogueModel): ModelOnWire {
  return { ...model, createdAt: createdAt.toISOString() };
}
