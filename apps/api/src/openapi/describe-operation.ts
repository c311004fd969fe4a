import type { ComponentSchemas, JsonSchema } from './component-schemas.js';
import type { DescribedRoute } from './described-routes.js';

const JSON_TYPE = 'application/json';

const DONE: Readonly<Record<number, string>> = {
  200: 'Success.',
  201: 'It was created.',
  204: 'It was done; the answer has no body.',
};

/** What every answer has. */
const EVERY_ANSWER = { 'x-request-id': { $ref: '#/components/headers/RequestId' } };

/** A route as OpenAPI's Operation Object. */
export function describeOperation(route: DescribedRoute, schemas: ComponentSchemas): JsonSchema {
  const { operationId, summary, tag, details, bodyOptional = false } = route;
  const body = schemas.bodies[operationId];
  return {
    operationId,
    summary,
    description: [details, describeAccess(route)].filter((text) => text !== undefined).join('\n\n'),
    tags: [tag],
    security: route.access === 'public' ? [] : [{ apiKey: [] }],
    parameters: [...pathParameters(route), ...queryParameters(route, schemas), ...headerParameters(route)],
    ...(body === undefined
      ? {}
      : { requestBody: { required: !bodyOptional, content: { [JSON_TYPE]: { schema: body } } } }),
    responses: {
      [String(route.status)]: describeSuccess(route, schemas.answers[operationId]),
      default: { $ref: '#/components/responses/Error' },
    },
  };
}

function describeAccess({ access, path }: DescribedRoute): string {
  if (access === 'public') return 'Needs no key.';
  const kinds = access.map((kind) => `\`${kind}\``).join(', ');
  const own = path.includes('{tenantId}') && access.some((kind) => kind !== 'operator');
  return `Takes keys of the kinds ${kinds}.${own ? ' Whoever is no operator sees its own tenant only: others are a 404.' : ''}`;
}

function pathParameters({ path }: DescribedRoute): JsonSchema[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    description: describeId(name),
    schema: { type: 'string' },
  }));
}

/** `apiKeyId` is the id of the api key. */
function describeId(name: string): string {
  const words = name.replace(/Id$/, '').replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words === 'id' ? 'Its id.' : `Id of the ${words}.`;
}

function queryParameters({ operationId, query }: DescribedRoute, { queries }: ComponentSchemas): JsonSchema[] {
  return Object.entries(queries[operationId] ?? {}).map(([name, { description, ...schema }]) => ({
    name,
    in: 'query',
    required: query?.shape[name]?.safeParse(undefined).success === false,
    ...(description === undefined ? {} : { description }),
    schema,
  }));
}

function headerParameters(route: DescribedRoute): JsonSchema[] {
  return [
    ...(isIdempotent(route) ? [{ $ref: '#/components/parameters/IdempotencyKey' }] : []),
    ...(route.ifMatch === true ? [{ $ref: '#/components/parameters/IfMatch' }] : []),
  ];
}

/** Whether the route takes Idempotency-Key. */
function isIdempotent({ method, path }: DescribedRoute): boolean {
  return method === 'post' && path.startsWith('/admin/');
}

function describeSuccess(route: DescribedRoute, schema?: JsonSchema): JsonSchema {
  const { status, otherForms, answerHeaders } = route;
  const replayed = isIdempotent(route)
    ? { 'idempotent-replayed': { $ref: '#/components/headers/IdempotentReplayed' } }
    : {};
  const texts = Object.entries(otherForms ?? {}).map(
    ([type, description]) => [type, { schema: { type: 'string', description } }] as const,
  );
  const headers = Object.entries(answerHeaders ?? {}).map(
    ([name, description]) => [name, { description, schema: { type: 'string' } }] as const,
  );
  const json = schema === undefined ? [] : [[JSON_TYPE, { schema }] as const];
  const forms = [...json, ...texts];
  return {
    description: DONE[status] ?? 'Success.',
    headers: { ...EVERY_ANSWER, ...replayed, ...Object.fromEntries(headers) },
    ...(forms.length === 0 ? {} : { content: Object.fromEntries(forms) }),
  };
}
