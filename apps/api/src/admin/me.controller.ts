import { Controller, Get } from '@nestjs/common';
import { z } from 'zod';
import { ApiKeyStore, TenantStore } from '@millrace/adapters/postgres';
import type { Principal } from '@millrace/domain/tenancy';
import { Access, Caller } from '../authentication/access.js';
import { Describe } from '../openapi/describe.js';
import { apiKeyOnWire } from './administer-api-keys.js';
import { apiKeySchema } from './api-keys-schema.js';
import { tenantSchema } from './tenants-schema.js';
import { tenantOnWire } from './tenants.controller.js';
import { found } from './write-outcome.js';

const meSchema = z.object({ tenant: tenantSchema, apiKey: apiKeySchema }).meta({ id: 'Me' });

/** GET /admin/v1/me: which key is asking, and of which tenant. */
@Access(['operator', 'tenant-admin'])
@Controller('admin/v1/me')
export class MeController {
  constructor(
    private readonly tenants: TenantStore,
    private readonly keys: ApiKeyStore,
  ) {}

  @Get()
  @Describe({ operationId: 'getMe', summary: 'Read the key that is asking, and its tenant', answer: meSchema })
  async get(@Caller() { tenantId, keyId }: Principal): Promise<z.infer<typeof meSchema>> {
    const [tenant, key] = await Promise.all([this.tenants.get(tenantId), this.keys.get(tenantId, keyId)]);
    return {
      tenant: tenantOnWire(found(tenant, { resource: 'tenant', id: tenantId })),
      apiKey: apiKeyOnWire(found(key, { resource: 'API key', id: keyId })),
    };
  }
}
