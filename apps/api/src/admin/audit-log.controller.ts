import { Controller, Get, Query } from '@nestjs/common';
import { AuditLogStore, type AuditEntry } from '@millrace/adapters/postgres';
import type { Principal } from '@millrace/domain/tenancy';
import { Access, Caller } from '../authentication/access.js';
import { ApiError } from '../http/api-error.js';
import { Describe } from '../openapi/describe.js';
import { auditEntrySchema, auditLogQuery, type AuditEntryOnWire } from './audit-log-schema.js';
import { listOf, listPage, readQuery, type ListPage } from './list-query.js';

/** GET /admin/v1/audit-log: who changed what. A tenant's administrator sees what belongs to its tenant. */
@Access(['operator', 'tenant-admin'])
@Controller('admin/v1/audit-log')
export class AuditLogController {
  constructor(private readonly auditLog: AuditLogStore) {}

  @Get()
  @Describe({
    ...{ operationId: 'listAuditLog', summary: 'List administrative changes' },
    details: "Entries are only ever added. A tenant's administrator sees changes of what belongs to its tenant.",
    ...{ query: auditLogQuery, answer: listOf(auditEntrySchema) },
  })
  async list(
    @Caller() principal: Principal,
    @Query() query: Record<string, unknown>,
  ): Promise<ListPage<AuditEntryOnWire>> {
    const { limit, after, tenantId, from, to, ...fields } = readQuery(query, auditLogQuery);
    const filters = {
      ...fields,
      from: from === undefined ? from : new Date(from),
      to: to === undefined ? to : new Date(to),
    };
    const page = { limit, after };
    if (principal.kind === 'operator') {
      return listPage(await this.auditLog.listForOperator({ tenantId, ...filters }, page), toWire);
    }
    if (tenantId !== undefined && tenantId !== principal.tenantId) {
      throw new ApiError({ kind: 'resource_not_found', resource: 'tenant', id: tenantId });
    }
    return listPage(await this.auditLog.list(principal.tenantId, filters, page), toWire);
  }
}

function toWire({ at, ...entry }: AuditEntry): AuditEntryOnWire {
  return { ...entry, at: at.toISOString() };
}
