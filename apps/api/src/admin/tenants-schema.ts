import { z } from 'zod';
import { allowedModelsField, clearedTo, limitsField, limitsSchema, nameField, resourceFields } from './fields.js';
import { listQuerySchema } from './list-query.js';

const weightField = z
  .number()
  .min(0.001)
  .max(1_000)
  .describe('Its share of a busy deployment beside those of other tenants.');
const disabledField = z.boolean().describe('Whether all of its keys are refused.');

/** A tenant as it goes over HTTP. */
export const tenantSchema = z
  .object({
    ...resourceFields('ten'),
    name: nameField,
    weight: weightField,
    allowedModels: allowedModelsField,
    limits: limitsSchema,
    disabled: disabledField,
  })
  .meta({ id: 'Tenant', description: 'A paying, isolated customer.' });

export type TenantOnWire = z.infer<typeof tenantSchema>;

/** Body of POST /admin/v1/tenants. */
export const createTenantSchema = z
  .strictObject({
    name: nameField,
    weight: weightField.optional(),
    allowedModels: allowedModelsField.optional(),
    limits: limitsField.optional(),
    disabled: disabledField.optional(),
  })
  .meta({ id: 'TenantDraft' });

/** Body of PATCH /admin/v1/tenants/{tenantId}, a JSON merge patch. */
export const changeTenantSchema = z
  .strictObject({
    name: nameField.optional(),
    weight: clearedTo(1, weightField),
    allowedModels: allowedModelsField.optional(),
    limits: limitsField.optional(),
    disabled: clearedTo(false, disabledField),
  })
  .meta({ id: 'TenantChange' });

export const tenantListQuery = listQuerySchema.extend({
  name: nameField.optional().describe('Only the tenant of this name.'),
});
