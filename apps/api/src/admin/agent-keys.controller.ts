import { Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Req, UseInterceptors } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { AgentStore, ApiKeyStore, type ApiKey, type WriteBy } from '@millrace/adapters/postgres';
import { Access } from '../authentication/access.js';
import { Describe } from '../openapi/describe.js';
import { readAdminBody, readOptionalBody } from './admin-body.js';
import { ApiKeyAdministrator, apiKeyOnWire } from './administer-api-keys.js';
import { agentKeyListQuery } from './agents-schema.js';
import {
  apiKeyDraftSchema,
  apiKeySchema,
  changeApiKeySchema,
  issuedApiKeySchema,
  rotateApiKeySchema,
  type ApiKeyOnWire,
  type IssuedApiKey,
} from './api-keys-schema.js';
import { IdempotentPosts } from './idempotency/idempotent-posts.js';
import { listOf, listPage, readQuery, type ListPage } from './list-query.js';
import { Requester } from './requester.js';
import { found } from './write-outcome.js';

interface AgentParams {
  tenantId: string;
  agentId: string;
}

interface KeyParams extends AgentParams {
  keyId: string;
}

/** /admin/v1/tenants/{tenantId}/agents/{agentId}/api-keys: the keys that act as one agent. */
@Access(['operator', 'tenant-admin'])
@UseInterceptors(IdempotentPosts)
@Controller('admin/v1/tenants/:tenantId/agents/:agentId/api-keys')
export class AgentKeysController {
  constructor(
    private readonly agents: AgentStore,
    private readonly keys: ApiKeyStore,
    private readonly administrator: ApiKeyAdministrator,
  ) {}

  @Get()
  @Describe({
    ...{ operationId: 'listAgentApiKeys', summary: "List an agent's API keys" },
    ...{ query: agentKeyListQuery, answer: listOf(apiKeySchema) },
  })
  async list(@Param() params: AgentParams, @Query() query: Record<string, unknown>): Promise<ListPage<ApiKeyOnWire>> {
    const { limit, after, ...filters } = readQuery(query, agentKeyListQuery);
    const agentId = await this.agentOf(params);
    const page = await this.keys.list(params.tenantId, { ...filters, agentId }, { limit, after });
    return listPage(page, apiKeyOnWire);
  }

  @Post()
  @Describe({
    ...{ operationId: 'createAgentApiKey', summary: 'Create an API key that acts as an agent' },
    details: 'The answer is the only one that holds the secret.',
    ...{ body: apiKeyDraftSchema, answer: issuedApiKeySchema },
  })
  async create(
    @Param() params: AgentParams,
    @Req() request: FastifyRequest,
    @Requester() by: WriteBy,
  ): Promise<IssuedApiKey> {
    const draft = await readAdminBody(request.raw, apiKeyDraftSchema);
    const agentId = await this.agentOf(params);
    return this.administrator.create(params.tenantId, { ...draft, kind: 'agent', agentId }, by);
  }

  @Get(':keyId')
  @Describe({ operationId: 'getAgentApiKey', summary: "Read an agent's API key", answer: apiKeySchema })
  async get(@Param() params: KeyParams): Promise<ApiKeyOnWire> {
    return apiKeyOnWire(await this.keyOf(params));
  }

  @Patch(':keyId')
  @Describe({
    ...{ operationId: 'changeAgentApiKey', summary: "Change an agent's API key" },
    details: 'It takes effect on every API process within a second.',
    ...{ body: changeApiKeySchema, answer: apiKeySchema, ifMatch: true },
  })
  async change(
    @Param() params: KeyParams,
    @Req() request: FastifyRequest,
    @Requester() by: WriteBy,
  ): Promise<ApiKeyOnWire> {
    const changes = await readAdminBody(request.raw, changeApiKeySchema);
    const { id } = await this.keyOf(params);
    return this.administrator.change(params.tenantId, id, { ...changes, by });
  }

  @Post(':keyId/rotate')
  @HttpCode(200)
  @Describe({
    ...{ operationId: 'rotateAgentApiKey', summary: "Give an agent's API key a new secret" },
    details: 'The secret so far works beside the new one until the overlap ends.',
    ...{ body: rotateApiKeySchema, bodyOptional: true, answer: issuedApiKeySchema, ifMatch: true },
  })
  async rotate(
    @Param() params: KeyParams,
    @Req() request: FastifyRequest,
    @Requester() by: WriteBy,
  ): Promise<IssuedApiKey> {
    const { overlapSeconds } = await readOptionalBody(request.raw, rotateApiKeySchema);
    const { id } = await this.keyOf(params);
    return this.administrator.rotate(params.tenantId, id, { overlapSeconds, by });
  }

  @Delete(':keyId')
  @HttpCode(204)
  @Describe({
    ...{ operationId: 'deleteAgentApiKey', summary: "Delete an agent's API key", ifMatch: true },
    details: 'It is refused on every API process within a second.',
  })
  async delete(@Param() params: KeyParams, @Requester() by: WriteBy): Promise<void> {
    const { id } = await this.keyOf(params);
    await this.administrator.delete(params.tenantId, id, by);
  }

  private async agentOf({ tenantId, agentId: id }: AgentParams): Promise<string> {
    return found(await this.agents.get(tenantId, id), { resource: 'agent', id }).id;
  }

  /** A key that acts as somebody else is as unknown here as one that is not there. */
  private async keyOf({ tenantId, agentId, keyId }: KeyParams): Promise<ApiKey> {
    const key = await this.keys.get(tenantId, keyId);
    return found(key?.agentId === agentId ? key : undefined, { resource: 'API key', id: keyId });
  }
}
