import { errorEnvelopeSchema } from '@millrace/contracts/openai';
import { componentSchemas, type JsonSchema } from './component-schemas.js';
import { describeOperation } from './describe-operation.js';
import type { DescribedRoute } from './described-routes.js';

const INTRODUCTION = `The admin API of millrace, below \`/admin/v1\`, and in short form what it serves of OpenAI's API, below
\`/v1\`, which OpenAI publishes itself: https://platform.openai.com/docs/api-reference/chat.

Send a key as \`Authorization: Bearer mr-…\`. Every answer without success has the body of \`Error\`; every answer
has an \`x-request-id\`, which the log knows too.`;

const REQUEST_ID = { description: 'Id of the request, to be named in questions.', schema: { type: 'string' } };

const RETRY_AFTER = {
  description: 'In how many seconds to try again; there when waiting helps.',
  schema: { type: 'integer' },
};

const REPLAYED = {
  description: 'There when this is the answer of an earlier request with the same Idempotency-Key.',
  schema: { type: 'string', const: 'true' },
};

const PARAMETERS = {
  IdempotencyKey: {
    name: 'Idempotency-Key',
    in: 'header',
    required: false,
    description:
      'A text that the caller makes up for one request. Sent again with it within a day, the request gets the answer of ' +
      'the first time, and nothing is done twice.',
    schema: { type: 'string', minLength: 1, maxLength: 255 },
  },
  IfMatch: {
    name: 'If-Match',
    in: 'header',
    required: false,
    description: 'The `version` that the caller has read; if it is no longer the current one, nothing is changed.',
    schema: { type: 'string' },
  },
};

const ERROR = {
  description: 'Anything but success; the status and `error.code` say what it is.',
  headers: {
    'x-request-id': { $ref: '#/components/headers/RequestId' },
    'retry-after': { $ref: '#/components/headers/RetryAfter' },
  },
  content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } },
};

/** What operations refer to besides schemas. */
const SHARED = {
  parameters: PARAMETERS,
  headers: { RequestId: REQUEST_ID, RetryAfter: RETRY_AFTER, IdempotentReplayed: REPLAYED },
  responses: { Error: ERROR },
  securitySchemes: { apiKey: { type: 'http', scheme: 'bearer', description: 'A key of millrace: `mr-…`.' } },
};

/** The described routes as one OpenAPI document. */
export function openApiDocument(routes: readonly DescribedRoute[], version: string): JsonSchema {
  const schemas = componentSchemas(routes, { Error: errorEnvelopeSchema });
  const paths: Record<string, Record<string, JsonSchema>> = {};
  for (const route of routes) {
    paths[route.path] = { ...paths[route.path], [route.method]: describeOperation(route, schemas) };
  }
  const license = { name: 'Apache-2.0', identifier: 'Apache-2.0' };
  return {
    openapi: '3.1.0',
    info: { title: 'millrace', version, description: INTRODUCTION, license },
    servers: [{ url: '/', description: 'Where this document comes from.' }],
    tags: [...new Set(routes.map(({ tag }) => tag))].map((name) => ({ name })),
    paths,
    components: { schemas: schemas.components, ...SHARED },
  };
}
