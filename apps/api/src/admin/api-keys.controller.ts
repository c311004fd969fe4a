import { Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Req, UseInterceptors } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { ApiKeyStore, OPERATOR_TENANT_NAME, TenantStore, type Tenant, type WriteBy } from '@millrace/adapters/postgres';
import type { ApiKeyKind } from '@millrace/domain/tenancy';
import { Access } from '../authentication/access.js';
import { ApiError } from '../http/api-error.js';
import { Describe } from '../openapi/describe.js';
import { readAdminBody, readOptionalBody } from './admin-body.js';
import { ApiKeyAdministrator, apiKeyOnWire } from './administer-api-keys.js';
import {
  apiKeyListQuery,
  apiKeySchema,
  changeApiKeySchema,
  createApiKeySchema,
  issuedApiKeySchema,
  rotateApiKeySchema,
  type ApiKeyOnWire,
  type IssuedApiKey,
} from './api-keys-schema.js';
import { IdempotentPosts } from './idempotency/idempotent-posts.js';
import { listOf, listPage, readQuery, type ListPage } from './list-query.js';
import { Requester } from './requester.js';
import { found } from './write-outcome.js';

/** /admin/v1/tenants/{tenantId}/api-keys, keys of agents included. */
@Access(['operator', 'tenant-admin'])
@UseInterceptors(IdempotentPosts)
@Controller('admin/v1/tenants/:tenantId/api-keys')
export class ApiKeysController {
  constructor(
    private readonly tenants: TenantStore,
    private readonly keys: ApiKeyStore,
    private readonly administrator: ApiKeyAdministrator,
  ) {}

  @Get()
  @Describe({
    ...{ operationId: 'listApiKeys', summary: "List a tenant's API keys" },
    ...{ query: apiKeyListQuery, answer: listOf(apiKeySchema) },
  })
  async list(
    @Param('tenantId') tenantId: string,
    @Query() query: Record<string, unknown>,
  ): Promise<ListPage<ApiKeyOnWire>> {
    const { limit, after, ...filters } = readQuery(query, apiKeyListQuery);
    await this.tenant(tenantId);
    return listPage(await this.keys.list(tenantId, filters, { limit, after }), apiKeyOnWire);
  }

  @Post()
  @Describe({
    ...{ operationId: 'createApiKey', summary: 'Create an API key' },
    details: 'The answer is the only one that holds the secret.',
    ...{ body: createApiKeySchema, answer: issuedApiKeySchema },
  })
  async create(
    @Param('tenantId') tenantId: string,
    @Req() request: FastifyRequest,
    @Requester() by: WriteBy,
  ): Promise<IssuedApiKey> {
    const draft = await readAdminBody(request.raw, createApiKeySchema);
    requireFittingKind(draft.kind, await this.tenant(tenantId));
    return this.administrator.create(tenantId, draft, by);
  }

  @Get(':keyId')
  @Describe({ operationId: 'getApiKey', summary: 'Read an API key', answer: apiKeySchema })
  async get(@Param('tenantId') tenantId: string, @Param('keyId') id: string): Promise<ApiKeyOnWire> {
    return apiKeyOnWire(found(await this.keys.get(tenantId, id), { resource: 'API key', id }));
  }

  @Patch(':keyId')
  @Describe({
    ...{ operationId: 'changeApiKey', summary: 'Change an API key' },
    details: 'It takes effect on every API process within a second. A key cannot end itself.',
    ...{ body: changeApiKeySchema, answer: apiKeySchema, ifMatch: true },
  })
  async change(
    @Param() { tenantId, keyId: id }: KeyParams,
    @Req() request: FastifyRequest,
    @Requester() by: WriteBy,
  ): Promise<ApiKeyOnWire> {
    const changes = await readAdminBody(request.raw, changeApiKeySchema);
    return this.administrator.change(tenantId, id, { ...changes, by });
  }

  @Post(':keyId/rotate')
  @HttpCode(200)
  @Describe({
    ...{ operationId: 'rotateApiKey', summary: 'Give an API key a new secret' },
    details:
      'The secret so far works beside the new one until the overlap ends; one from an earlier rotation ends now. ' +
      'The answer is the only one that holds the new secret.',
    ...{ body: rotateApiKeySchema, bodyOptional: true, answer: issuedApiKeySchema, ifMatch: true },
  })
  async rotate(
    @Param() { tenantId, keyId }: KeyParams,
    @Req() request: FastifyRequest,
    @Requester() by: WriteBy,
  ): Promise<IssuedApiKey> {
    const { overlapSeconds } = await readOptionalBody(request.raw, rotateApiKeySchema);
    return this.administrator.rotate(tenantId, keyId, { overlapSeconds, by });
  }

  @Delete(':keyId')
  @HttpCode(204)
  @Describe({
    ...{ operationId: 'deleteApiKey', summary: 'Delete an API key', ifMatch: true },
    details: 'It is refused on every API process within a second. A key cannot delete itself.',
  })
  async delete(
    @Param('tenantId') tenantId: string,
    @Param('keyId') id: string,
    @Requester() by: WriteBy,
  ): Promise<void> {
    await this.administrator.delete(tenantId, id, by);
  }

  private async tenant(id: string): Promise<Tenant> {
    return found(await this.tenants.get(id), { resource: 'tenant', id });
  }
}

interface KeyParams {
  tenantId: string;
  keyId: string;
}

/** Operators have a tenant of their own, which nobody but them administers. */
function requireFittingKind(kind: ApiKeyKind, tenant: Tenant): void {
  const ofOperators = tenant.name === OPERATOR_TENANT_NAME;
  if (kind === 'operator' && !ofOperators) {
    throw unfitting("Invalid 'kind': keys of operators are made in the tenant of the operators only.");
  }
  if (kind === 'tenant-admin' && ofOperators) {
    throw unfitting("Invalid 'kind': the tenant of the operators is administered by keys of the kind operator.");
  }
}

function unfitting(message: string): ApiError {
  return new ApiError({ kind: 'invalid_request', error: { message, param: 'kind', code: 'invalid_value' } });
}
