import { Controller, Delete, Get, HttpCode, Patch, Post } from '@nestjs/common';
import { z } from 'zod';
import { Access } from '../authentication/access.js';
import { Describe } from './describe.js';
import { describedRoutes } from './described-routes.js';
import { openApiDocument } from './openapi-document.js';

const sizeSchema = z.strictObject({ width: z.int().default(1) }).meta({ id: 'Size' });
const name = z
  .string()
  .regex(/^[^\p{Cc}]+$/u)
  .describe('On one line.');
const thingSchema = z.object({ id: z.string().regex(/^thi_/), name, size: sizeSchema }).meta({ id: 'Thing' });
const draftSchema = z.strictObject({ name, size: sizeSchema.optional() }).meta({ id: 'ThingDraft' });
const query = z.strictObject({
  limit: z.string().transform(Number).pipe(z.int().max(100)).default(20),
  from: z.iso.datetime(),
});

@Access(['operator', 'tenant-admin'])
@Controller('admin/v1/tenants/:tenantId/things')
class ThingsController {
  @Get()
  @Describe({ operationId: 'listThings', summary: 'List', query, otherForms: { 'text/csv': 'Lines.' } })
  list(): void {}

  @Post()
  @Describe({ operationId: 'createThing', summary: 'Create', details: 'Once.', body: draftSchema, answer: thingSchema })
  create(): void {}

  @Post(':thingId/turn')
  @HttpCode(200)
  @Describe({ operationId: 'turnThing', summary: 'Turn', body: draftSchema, bodyOptional: true, ifMatch: true })
  turn(): void {}

  @Patch(':thingId')
  @Describe({ operationId: 'changeThing', summary: 'Change', ifMatch: true, answer: thingSchema })
  change(): void {}

  @Access('public')
  @Delete('*')
  @HttpCode(204)
  @Describe({ operationId: 'deleteThing', summary: 'Delete' })
  delete(): void {}

  /** Not described. */
  @Get('hidden')
  hidden(): void {}
}

/** As it goes over HTTP. */
const document = JSON.parse(JSON.stringify(openApiDocument(describedRoutes([ThingsController]), '1.2.3')));
const THINGS = '/admin/v1/tenants/{tenantId}/things';
const operation = (path: string, method: string) => document.paths[THINGS + path][method];
const schemas = document.components.schemas;

describe('the description of a route', () => {
  it('has URL, method, tag and status from the decorators that make the route', () => {
    expect(Object.keys(document.paths)).toEqual(['', '/{thingId}/turn', '/{thingId}', '/{id}'].map((p) => THINGS + p));
    expect(Object.keys(operation('', 'post').responses)).toEqual(['201', 'default']);
    expect(Object.keys(operation('/{thingId}/turn', 'post').responses)).toEqual(['200', 'default']);
    expect(operation('/{id}', 'delete').responses['204']).not.toHaveProperty('content');
    expect(document.tags).toEqual([{ name: 'things' }]);
  });

  it('names each parameter of the path', () => {
    const [tenant, thing] = operation('/{thingId}', 'patch').parameters;
    expect(tenant).toMatchObject({ name: 'tenantId', in: 'path', required: true, description: 'Id of the tenant.' });
    expect(thing).toMatchObject({ name: 'thingId', in: 'path', required: true });
  });

  it('says what a query parameter means, and needs those without a default', () => {
    const [, limit, from] = operation('', 'get').parameters;
    const number = { type: 'integer', maximum: 100, default: 20 };
    expect(limit).toMatchObject({ name: 'limit', in: 'query', required: false, schema: number });
    expect(from).toMatchObject({ name: 'from', required: true, schema: { type: 'string', format: 'date-time' } });
  });

  it('has Idempotency-Key on POST, and If-Match where the route takes it', () => {
    const headersOf = ({ parameters }: { parameters: { $ref?: string }[] }) =>
      parameters.flatMap(({ $ref }) => $ref?.split('/').at(-1) ?? []);
    expect(headersOf(operation('', 'post'))).toEqual(['IdempotencyKey']);
    expect(headersOf(operation('/{thingId}/turn', 'post'))).toEqual(['IdempotencyKey', 'IfMatch']);
    expect(headersOf(operation('/{thingId}', 'patch'))).toEqual(['IfMatch']);
    expect(headersOf(operation('', 'get'))).toEqual([]);
  });

  it('tells the kinds of keys that @Access lets in, and that a tenant sees its own', () => {
    expect(operation('', 'post').description).toMatch(
      /^Once\.\n\n.*`operator`, `tenant-admin`\. .*its own tenant only/,
    );
    expect(operation('', 'post').security).toEqual([{ apiKey: [] }]);
    expect(operation('/{id}', 'delete')).toMatchObject({ security: [], description: 'Needs no key.' });
  });

  it('needs the body unless it may be left out', () => {
    expect(operation('', 'post').requestBody.required).toBe(true);
    expect(operation('/{thingId}/turn', 'post').requestBody.required).toBe(false);
    expect(operation('', 'get').responses['200'].content).toEqual({
      'text/csv': { schema: { type: 'string', description: 'Lines.' } },
    });
  });

  it('is not made for a route that names no kinds of keys', () => {
    @Controller('open')
    class OpenController {
      @Get()
      @Describe({ operationId: 'getOpen', summary: 'Get' })
      get(): void {}
    }
    expect(() => describedRoutes([OpenController])).toThrow('No @Access on the route of getOpen.');
  });
});

describe('the components', () => {
  it('have one schema for each name, and one more for what is also taken', () => {
    expect(Object.keys(schemas).sort()).toEqual(['Error', 'Size', 'SizeInput', 'Thing', 'ThingDraft']);
    expect(schemas.Thing.properties.size).toEqual({ $ref: '#/components/schemas/Size' });
    expect(schemas.ThingDraft.properties.size).toEqual({ $ref: '#/components/schemas/SizeInput' });
    expect([schemas.Size.required, schemas.SizeInput.required]).toEqual([['width'], undefined]);
  });

  it('let answers gain fields and bodies have no others', () => {
    expect(schemas.Thing).not.toHaveProperty('additionalProperties');
    expect(schemas.ThingDraft.additionalProperties).toBe(false);
  });

  it('have the patterns that every language knows', () => {
    expect(schemas.Thing.properties.id).toEqual({ type: 'string', pattern: '^thi_' });
    expect(schemas.Thing.properties.name).toEqual({ type: 'string', description: 'On one line.' });
  });
});
