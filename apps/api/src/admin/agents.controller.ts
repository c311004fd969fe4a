import { Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Req, UseInterceptors } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { AgentStore, TenantStore, type AgentPreset, type WriteBy } from '@millrace/adapters/postgres';
import { Access } from '../authentication/access.js';
import { Describe } from '../openapi/describe.js';
import { ChangeAnnouncer } from '../stores/announce-changes.js';
import { readAdminBody } from './admin-body.js';
import {
  agentListQuery,
  agentSchema,
  changeAgentSchema,
  createAgentSchema,
  type AgentOnWire,
} from './agents-schema.js';
import { IdempotentPosts } from './idempotency/idempotent-posts.js';
import { listOf, listPage, readQuery, type ListPage } from './list-query.js';
import { Requester } from './requester.js';
import { found, written } from './write-outcome.js';

/** /admin/v1/tenants/{tenantId}/agents. */
@Access(['operator', 'tenant-admin'])
@UseInterceptors(IdempotentPosts)
@Controller('admin/v1/tenants/:tenantId/agents')
export class AgentsController {
  constructor(
    private readonly tenants: TenantStore,
    private readonly agents: AgentStore,
    private readonly announce: ChangeAnnouncer,
  ) {}

  @Get()
  @Describe({
    ...{ operationId: 'listAgents', summary: "List a tenant's agents" },
    ...{ query: agentListQuery, answer: listOf(agentSchema) },
  })
  async list(
    @Param('tenantId') tenantId: string,
    @Query() query: Record<string, unknown>,
  ): Promise<ListPage<AgentOnWire>> {
    const { limit, after, ...filters } = readQuery(query, agentListQuery);
    await this.requireTenant(tenantId);
    return listPage(await this.agents.list(tenantId, filters, { limit, after }), toWire);
  }

  @Post()
  @Describe({
    ...{ operationId: 'createAgent', summary: 'Create an agent' },
    details: 'Its model need not be there yet; until it is, requests with a key of the agent get 404.',
    ...{ body: createAgentSchema, answer: agentSchema },
  })
  async create(
    @Param('tenantId') tenantId: string,
    @Req() request: FastifyRequest,
    @Requester() { actor }: WriteBy,
  ): Promise<AgentOnWire> {
    const draft = await readAdminBody(request.raw, createAgentSchema);
    await this.requireTenant(tenantId);
    const outcome = await this.agents.create(tenantId, draft, actor);
    return toWire(written(outcome, { resource: 'agent', id: draft.name }));
  }

  @Get(':agentId')
  @Describe({ operationId: 'getAgent', summary: 'Read an agent', answer: agentSchema })
  async get(@Param('tenantId') tenantId: string, @Param('agentId') id: string): Promise<AgentOnWire> {
    return toWire(found(await this.agents.get(tenantId, id), { resource: 'agent', id }));
  }

  @Patch(':agentId')
  @Describe({
    ...{ operationId: 'changeAgent', summary: 'Change an agent' },
    details: 'Requests that arrive a second later, at any API process, are served by it as it is then.',
    ...{ body: changeAgentSchema, answer: agentSchema, ifMatch: true },
  })
  async change(
    @Param() { tenantId, agentId }: { tenantId: string; agentId: string },
    @Req() request: FastifyRequest,
    @Requester() by: WriteBy,
  ): Promise<AgentOnWire> {
    const changes = await readAdminBody(request.raw, changeAgentSchema);
    const outcome = await this.agents.change({ tenantId, agentId }, changes, by);
    const agent = written(outcome, { resource: 'agent', id: agentId });
    await this.announce.agentChanged(agentId);
    return toWire(agent);
  }

  @Delete(':agentId')
  @HttpCode(204)
  @Describe({
    ...{ operationId: 'deleteAgent', summary: 'Delete an agent with its keys', ifMatch: true },
    details: 'Its keys are refused on every API process within a second. Its usage stays.',
  })
  async delete(
    @Param('tenantId') tenantId: string,
    @Param('agentId') id: string,
    @Requester() by: WriteBy,
  ): Promise<void> {
    written(await this.agents.delete(tenantId, id, by), { resource: 'agent', id });
    await Promise.all([this.announce.keysChanged({ tenantId }), this.announce.agentChanged(id)]);
  }

  private async requireTenant(id: string): Promise<void> {
    found(await this.tenants.get(id), { resource: 'tenant', id });
  }
}

function toWire(agent: AgentPreset): AgentOnWire {
  return { ...agent, createdAt: agent.createdAt.toISOString() };
}
