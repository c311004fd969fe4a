import { Controller, Get, Headers, Param } from '@nestjs/common';
import type { Model, ModelList } from '@millrace/contracts/openai';
import { ApiKeyAuthenticator } from '../authentication/api-key-authenticator.js';
import { ApiError } from '../http/api-error.js';
import { ModelCatalogue } from './model-catalogue.js';
import type { ServedModel } from '@millrace/adapters/postgres';

/** GET /v1/models and /v1/models/{id}: what this key may use. Ids may hold slashes and colons. */
@Controller('v1/models')
export class ModelsController {
  constructor(
    private readonly authenticator: ApiKeyAuthenticator,
    private readonly catalogue: ModelCatalogue,
  ) {}

  @Get()
  async list(@Headers('authorization') authorization: string | undefined): Promise<ModelList> {
    const principal = await this.authenticator.authenticate(authorization);
    return { object: 'list', data: this.catalogue.list(principal).map(describeModel) };
  }

  @Get('*')
  async get(@Headers('authorization') authorization: string | undefined, @Param('*') id: string): Promise<Model> {
    const principal = await this.authenticator.authenticate(authorization);
    const model = this.catalogue.resolve(principal, id);
    if (model === undefined) throw new ApiError({ kind: 'model_not_found', model: id });
    return describeModel(model);
  }
}

function describeModel(model: ServedModel): Model {
  return { id: model.name, object: 'model', created: Math.floor(model.createdAtMs / 1_000), owned_by: 'millrace' };
}
