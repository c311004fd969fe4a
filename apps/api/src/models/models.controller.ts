import { Controller, Get, Param } from '@nestjs/common';
import type { Model, ModelList } from '@millrace/contracts/openai';
import type { Principal } from '@millrace/domain/tenancy';
import { Access, Caller } from '../authentication/access.js';
import { ApiError } from '../http/api-error.js';
import { ModelCatalogue } from './model-catalogue.js';
import type { ServedModel } from '@millrace/adapters/postgres';

/** GET /v1/models and /v1/models/{id}: what this key may use. Ids may hold slashes and colons. */
@Access(['operator', 'inference', 'agent'])
@Controller('v1/models')
export class ModelsController {
  constructor(private readonly catalogue: ModelCatalogue) {}

  @Get()
  list(@Caller() principal: Principal): ModelList {
    return { object: 'list', data: this.catalogue.list(principal).map(describeModel) };
  }

  @Get('*')
  get(@Caller() principal: Principal, @Param('*') id: string): Model {
    const model = this.catalogue.resolve(principal, id);
    if (model === undefined) throw new ApiError({ kind: 'model_not_found', model: id });
    return describeModel(model);
  }
}

function describeModel(model: ServedModel): Model {
  return { id: model.name, object: 'model', created: Math.floor(model.createdAtMs / 1_000), owned_by: 'millrace' };
}
