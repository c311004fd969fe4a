import { Controller, Get, Param } from '@nestjs/common';
import type { Model, ModelList } from '@millrace/contracts/openai';
import type { Principal } from '@millrace/domain/tenancy';
import { RememberedAgents } from '../agents/remembered-agents.js';
import { Access, Caller } from '../authentication/access.js';
import { ApiError } from '../http/api-error.js';
import { Describe } from '../openapi/describe.js';
import { modelListSchema, modelSchema } from '../openapi/openai-schemas.js';
import { ModelCatalogue } from './model-catalogue.js';
import type { ServedModel } from '@millrace/adapters/postgres';

/** GET /v1/models and /v1/models/{id}: what this key may use. Ids may hold slashes and colons. */
@Access(['operator', 'inference', 'agent'])
@Controller('v1/models')
export class ModelsController {
  constructor(
    private readonly agents: RememberedAgents,
    private readonly catalogue: ModelCatalogue,
  ) {}

  @Get()
  @Describe({ operationId: 'listModels', summary: 'List the models that this key may use', answer: modelListSchema })
  async list(@Caller() principal: Principal): Promise<ModelList> {
    const models = await this.modelsOf(principal);
    return { object: 'list', data: models.map(describeModel) };
  }

  @Get('*')
  @Describe({ operationId: 'getModel', summary: 'Get a model that this key may use', answer: modelSchema })
  async get(@Caller() principal: Principal, @Param('*') id: string): Promise<Model> {
    const models = await this.modelsOf(principal);
    const model = models.find(({ name }) => name === id);
    if (model === undefined) throw new ApiError({ kind: 'model_not_found', model: id });
    return describeModel(model);
  }

  /** An agent has one model. */
  private async modelsOf(principal: Principal): Promise<ServedModel[]> {
    const agent = await this.agents.agentOf(principal);
    const models = this.catalogue.list(principal);
    return agent === undefined ? models : models.filter(({ name }) => name === agent.model);
  }
}

function describeModel(model: ServedModel): Model {
  return { id: model.name, object: 'model', created: Math.floor(model.createdAtMs / 1_000), owned_by: 'millrace' };
}
