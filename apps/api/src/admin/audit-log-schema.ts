import { z } from 'zod';
import { nameField, timeField } from './fields.js';
import { listQuerySchema } from './list-query.js';

const snapshot = z.record(z.string(), z.unknown()).nullable();

/** An entry of the audit log as it goes over HTTP. */
export const auditEntrySchema = z
  .object({
    id: z.string().describe('Begins with aud_.'),
    at: z.iso.datetime(),
    tenantId: z.string().nullable().describe('The tenant whose resource was changed; null where there is none.'),
    actorKeyId: z
      .string()
      .nullable()
      .describe("The key that asked; null for a start of millrace, and to tenants for operators' keys."),
    actorKind: z.string().describe('The kind of that key, or the program that acted without one.'),
    address: z.string().nullable().describe('Network address that the request came from.'),
    requestId: z.string().nullable(),
    action: z.string().describe('create, change, rotate or delete.'),
    resourceKind: z.string().describe('tenant, api-key, agent …'),
    resourceId: z.string(),
    before: snapshot.describe('The resource before, without secrets; null where it was created.'),
    after: snapshot.describe('The resource after, without secrets; null where it was deleted.'),
  })
  .meta({ id: 'AuditEntry', description: 'One administrative change.' });

export type AuditEntryOnWire = z.infer<typeof auditEntrySchema>;

export const auditLogQuery = listQuerySchema.extend({
  tenantId: nameField.optional().describe('Only changes of what belongs to this tenant.'),
  actorKeyId: nameField.optional().describe('Only changes that this key asked for.'),
  resourceKind: nameField.optional().describe('Only changes of tenant, api-key, agent …'),
  resourceId: nameField.optional().describe('Only changes of this resource.'),
  action: nameField.optional().describe('Only create, change, rotate or delete.'),
  from: timeField.optional().describe('The first instant.'),
  to: timeField.optional().describe('The first instant that is left out.'),
});
