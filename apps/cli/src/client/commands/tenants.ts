import { Option, type Command } from 'commander';
import { z } from 'zod';
import { addGroup, type Surroundings } from '../client-command.js';
import { models, positive, type Cleared } from '../option-values.js';
import { modelsCell, numberCell, stateCell, textCell, timeCell } from '../output/cells.js';
import type { Column } from '../output/table.js';
import { TENANTS, tenantPath } from './find-tenant.js';
import { limitOptions, limitsCell, limitsOf, limitsSchema, type LimitOptions } from './limits.js';
import { addCreate, addDelete, addGet, addList, addSwitches, addUpdate, type Resource } from './resource.js';

const tenantSchema = z.looseObject({
  id: z.string(),
  name: z.string(),
  weight: z.number().nullish(),
  allowedModels: z.array(z.string()).nullish(),
  limits: limitsSchema,
  disabled: z.boolean().nullish(),
  version: z.number().nullish(),
  createdAt: z.string().nullish(),
});
type Tenant = z.infer<typeof tenantSchema>;

const name: Column<Tenant> = { title: 'name', cell: (tenant) => textCell(tenant.name) };
const id: Column<Tenant> = { title: 'id', cell: (tenant) => tenant.id };
const state: Column<Tenant> = { title: 'state', cell: (tenant) => stateCell(tenant.disabled) };
const limits: Column<Tenant> = { title: 'limits', cell: (tenant) => limitsCell(tenant.limits) };
const allowed: Column<Tenant> = { title: 'models', cell: (tenant) => modelsCell(tenant.allowedModels) };
const created: Column<Tenant> = { title: 'created (UTC)', cell: (tenant) => timeCell(tenant.createdAt) };
const weight: Column<Tenant> = { title: 'weight', cell: (tenant) => numberCell(tenant.weight) };
const version: Column<Tenant> = { title: 'version', cell: (tenant) => numberCell(tenant.version) };

const resource: Resource<Tenant, object> = {
  noun: 'tenant',
  plural: 'tenants',
  sample: 'acme',
  schema: tenantSchema,
  columns: [name, id, state, limits, allowed, created],
  fields: [id, name, state, weight, limits, allowed, version, created],
  scopeOptions: () => [],
  collection: () => Promise.resolve({ path: TENANTS }),
  find: tenantPath,
};

interface TenantOptions extends LimitOptions {
  name?: string;
  weight?: number;
  allowedModels?: string[] | Cleared;
}

/** `./millrace tenants`. */
export function addTenants(program: Command, surroundings: Surroundings): void {
  const group = addGroup(program, 'tenants', 'the customers of this installation, with their limits');
  const place = { group, surroundings };
  addList(place, resource);
  addCreate<Tenant, object, TenantOptions>(place, resource, {
    options: () => [new Option('--name <name>', 'its name').makeOptionMandatory(), ...fieldOptions()],
    bodyOf,
    examples: ['tenants create --name acme --requests-per-minute 60 --tokens-per-month 5000000'],
  });
  addGet(place, resource);
  addUpdate<Tenant, object, TenantOptions>(place, resource, {
    options: () => [new Option('--name <name>', 'a new name'), ...fieldOptions()],
    bodyOf,
    examples: ['tenants update acme --requests-per-minute 120', 'tenants update acme --tokens-per-month none'],
  });
  addSwitches(place, resource, {
    disable: 'refuse all keys of a tenant',
    enable: 'let the keys of a tenant work again',
  });
  addDelete(place, resource, ' with its keys and agents');
}

function fieldOptions(): Option[] {
  return [
    new Option('--weight <number>', 'its share of the work beside other tenants; 1 is usual').argParser(positive),
    new Option('--allowed-models <names>', 'models it may use, with commas between them, or any').argParser(models),
    ...limitOptions(),
  ];
}

function bodyOf(options: TenantOptions): object {
  const { name, weight, allowedModels } = options;
  return { name, weight, allowedModels, limits: limitsOf(options) };
}
