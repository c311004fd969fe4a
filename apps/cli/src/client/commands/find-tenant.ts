import { Option } from 'commander';
import { z } from 'zod';
import type { AdminApi } from '../admin-api/admin-api.js';
import { inPath } from '../admin-api/admin-request.js';
import { readList } from '../admin-api/lists.js';
import { ClientError, wrongUsage } from '../client-error.js';
import { readMe } from './me.js';

export const TENANTS = '/admin/v1/tenants';

export interface TenantOptions {
  /** Name or id. */
  tenant?: string;
}

const namedSchema = z.looseObject({ id: z.string(), name: z.string() });

export function tenantOption(): Option {
  return new Option('--tenant <name or id>', 'whose; needed with an operator key, else it is the tenant of the key');
}

/** The path of the tenant that is meant. */
export async function tenantPath(api: AdminApi, nameOrId: string): Promise<string> {
  return `${TENANTS}/${inPath(await findTenant(api, nameOrId))}`;
}

/** As tenantPath; without a name it is the tenant of the key, unless that is an operator's. */
export async function chosenTenantPath(api: AdminApi, { tenant }: TenantOptions): Promise<string> {
  if (tenant !== undefined) return tenantPath(api, tenant);
  const { apiKey, tenant: own } = await readMe(api);
  if (apiKey.kind === 'operator')
    throw wrongUsage('An operator key acts for every tenant: say which one with --tenant.');
  return `${TENANTS}/${inPath(own.id)}`;
}

/** The id of a tenant; what looks like an id is one. */
export async function findTenant(api: AdminApi, nameOrId: string): Promise<string> {
  if (nameOrId.startsWith('ten_')) return nameOrId;
  const { apiKey, tenant: own } = await readMe(api);
  if (own.name === nameOrId) return own.id;
  if (apiKey.kind !== 'operator') {
    throw new ClientError(
      `This key is one of the tenant ${own.name}: it takes an operator key to act for ${nameOrId}.`,
    );
  }
  const subject = {
    path: TENANTS,
    query: { name: nameOrId },
    entry: namedSchema,
    idOf: ({ id }: { id: string }) => id,
  };
  const { body } = await readList(api, subject, {});
  const [found] = body.data;
  if (found !== undefined) return found.id;
  throw new ClientError(`There is no tenant named ${nameOrId}: ./millrace tenants list shows those that there are.`);
}
