import { Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Req, UseInterceptors } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { TenantStore, type Tenant, type WriteBy } from '@millrace/adapters/postgres';
import { Access } from '../authentication/access.js';
import { Describe } from '../openapi/describe.js';
import { ChangeAnnouncer } from '../stores/announce-changes.js';
import { readAdminBody } from './admin-body.js';
import { IdempotentPosts } from './idempotency/idempotent-posts.js';
import { listOf, listPage, readQuery, type ListPage } from './list-query.js';
import { Requester } from './requester.js';
import {
  changeTenantSchema,
  createTenantSchema,
  tenantListQuery,
  tenantSchema,
  type TenantOnWire,
} from './tenants-schema.js';
import { found, written } from './write-outcome.js';

/** /admin/v1/tenants. For operators; a tenant's administrator may read its own. */
@Access(['operator'])
@UseInterceptors(IdempotentPosts)
@Controller('admin/v1/tenants')
export class TenantsController {
  constructor(
    private readonly tenants: TenantStore,
    private readonly announce: ChangeAnnouncer,
  ) {}

  @Get()
  @Describe({
    ...{ operationId: 'listTenants', summary: 'List tenants' },
    ...{ query: tenantListQuery, answer: listOf(tenantSchema) },
  })
  async list(@Query() query: Record<string, unknown>): Promise<ListPage<TenantOnWire>> {
    const { name, ...page } = readQuery(query, tenantListQuery);
    return listPage(await this.tenants.listForOperator({ name }, page), tenantOnWire);
  }

  @Post()
  @Describe({
    ...{ operationId: 'createTenant', summary: 'Create a tenant' },
    ...{ body: createTenantSchema, answer: tenantSchema },
  })
  async create(@Req() request: FastifyRequest, @Requester() { actor }: WriteBy): Promise<TenantOnWire> {
    const draft = await readAdminBody(request.raw, createTenantSchema);
    const outcome = await this.tenants.createForOperator(draft, actor);
    return tenantOnWire(written(outcome, { resource: 'tenant', id: draft.name }));
  }

  @Access(['operator', 'tenant-admin'])
  @Get(':tenantId')
  @Describe({ operationId: 'getTenant', summary: 'Read a tenant', answer: tenantSchema })
  async get(@Param('tenantId') id: string): Promise<TenantOnWire> {
    return tenantOnWire(found(await this.tenants.get(id), { resource: 'tenant', id }));
  }

  @Patch(':tenantId')
  @Describe({
    ...{ operationId: 'changeTenant', summary: 'Change a tenant' },
    details: 'It takes effect on every API process within a second. The tenant of the operators cannot be disabled.',
    ...{ body: changeTenantSchema, answer: tenantSchema, ifMatch: true },
  })
  async change(
    @Param('tenantId') id: string,
    @Req() request: FastifyRequest,
    @Requester() by: WriteBy,
  ): Promise<TenantOnWire> {
    const changes = await readAdminBody(request.raw, changeTenantSchema);
    const tenant = written(await this.tenants.change(id, changes, by), { resource: 'tenant', id });
    await this.announce.keysChanged({ tenantId: id });
    return tenantOnWire(tenant);
  }

  @Delete(':tenantId')
  @Describe({
    ...{ operationId: 'deleteTenant', summary: 'Delete a tenant with its keys and agents', ifMatch: true },
    details: 'Its usage and its audit entries stay. The tenant of the operators cannot be deleted.',
  })
  @HttpCode(204)
  async delete(@Param('tenantId') id: string, @Requester() by: WriteBy): Promise<void> {
    written(await this.tenants.delete(id, by), { resource: 'tenant', id });
    await this.announce.keysChanged({ tenantId: id });
  }
}

/** A tenant as it goes over HTTP. */
export function tenantOnWire(tenant: Tenant): TenantOnWire {
  return { ...tenant, createdAt: tenant.createdAt.toISOString() };
}
