import { z } from 'zod';
import {
  allowedModelsField,
  clearedTo,
  instantField,
  limitsField,
  limitsSchema,
  nameField,
  resourceFields,
} from './fields.js';
import { listQuerySchema } from './list-query.js';

const kindField = z.enum(['operator', 'tenant-admin', 'inference', 'agent']);
const disabledField = z.boolean().describe('Whether it is refused.');
const expiresAtField = instantField.nullable().describe('From when on it is refused; null is never.');

/** An API key as it goes over HTTP. */
export const apiKeySchema = z
  .object({
    ...resourceFields('key'),
    tenantId: z.string(),
    kind: kindField,
    name: nameField,
    prefix: z.string().describe('The visible beginning of its secret.'),
    agentId: z.string().nullable().describe('The one agent that a key of the kind agent acts as.'),
    allowedModels: allowedModelsField,
    limits: limitsSchema,
    disabled: disabledField,
    expiresAt: z.iso.datetime().nullable().describe('From when on it is refused; null is never.'),
    previousSecretExpiresAt: z.iso
      .datetime()
      .nullable()
      .describe('Until when the secret before the last rotation works too.'),
    lastUsedAt: z.iso.datetime().nullable().describe('To the minute, about; null is never.'),
  })
  .meta({ id: 'ApiKey', description: 'A secret that authenticates, shown by its prefix.' });

/** A key with its secret, which is shown this once. */
export const issuedApiKeySchema = z
  .object({ ...apiKeySchema.shape, secret: z.string().describe('Shown this once.') })
  .meta({ id: 'IssuedApiKey' });

export type ApiKeyOnWire = z.infer<typeof apiKeySchema>;
export type IssuedApiKey = z.infer<typeof issuedApiKeySchema>;

const settings = {
  allowedModels: allowedModelsField.optional(),
  limits: limitsField.optional(),
  expiresAt: expiresAtField.optional(),
};

/** What a body may say about a new key of any kind. */
export const apiKeyDraftSchema = z
  .strictObject({ name: nameField, ...settings, disabled: disabledField.optional() })
  .meta({ id: 'AgentApiKeyDraft' });

/** Body of POST /admin/v1/tenants/{tenantId}/api-keys. */
export const createApiKeySchema = z
  .strictObject({
    ...apiKeyDraftSchema.shape,
    kind: z
      .enum(['operator', 'tenant-admin', 'inference'], {
        error: "expected 'inference', 'tenant-admin' or 'operator'; keys of an agent are made below that agent",
      })
      .default('inference')
      .describe('inference calls /v1, tenant-admin administers its tenant, operator everything.'),
  })
  .meta({ id: 'ApiKeyDraft' });

/** Body of PATCH /admin/v1/tenants/{tenantId}/api-keys/{keyId}, a JSON merge patch. */
export const changeApiKeySchema = z
  .strictObject({ name: nameField.optional(), ...settings, disabled: clearedTo(false, disabledField) })
  .meta({ id: 'ApiKeyChange' });

const DEFAULT_OVERLAP_SECONDS = 24 * 60 * 60;
const LONGEST_OVERLAP_SECONDS = 30 * DEFAULT_OVERLAP_SECONDS;

/** Body of POST /admin/v1/tenants/{tenantId}/api-keys/{keyId}/rotate, which may be left out. */
export const rotateApiKeySchema = z
  .strictObject({
    overlapSeconds: z
      .int()
      .min(0)
      .max(LONGEST_OVERLAP_SECONDS)
      .default(DEFAULT_OVERLAP_SECONDS)
      .describe('How long the secret so far works beside the new one.'),
  })
  .meta({ id: 'ApiKeyRotation' });

export const apiKeyListQuery = listQuerySchema.extend({
  name: nameField.optional().describe('Only keys of this name.'),
  kind: kindField.optional().describe('Only keys of this kind.'),
  prefix: nameField.optional().describe('Only the key whose secret begins with exactly this prefix.'),
  agentId: nameField.optional().describe('Only keys of this agent.'),
  disabled: z
    .enum(['true', 'false'])
    .transform((text) => text === 'true')
    .pipe(z.boolean())
    .optional()
    .describe('Only keys that are disabled, or that are not.'),
});
