import { z } from 'zod';
import type { DescribedRoute } from './described-routes.js';

/** A JSON Schema of the draft that OpenAPI 3.1 takes. */
export type JsonSchema = Record<string, unknown>;

/** The schemas of all routes, by operationId, which refer to the components by name. */
export interface ComponentSchemas {
  components: Record<string, JsonSchema>;
  bodies: Record<string, JsonSchema>;
  answers: Record<string, JsonSchema>;
  /** Those of the query parameters, by their names. */
  queries: Record<string, Record<string, JsonSchema>>;
}

/**
 * Turns the zod schemas of routes into JSON Schemas. Named ones (`.meta({ id })`) become components; one that is both
 * taken and answered is a component twice, since a request may leave out what an answer has: `Limits`, `LimitsInput`.
 * `always` are components whether or not a route names them.
 */
export function componentSchemas(
  routes: readonly DescribedRoute[],
  always: Readonly<Record<string, z.ZodType>>,
): ComponentSchemas {
  const answers = translate({ ...always, ...pick(routes, ({ answer }) => answer) }, 'output');
  const bodies = translate(
    pick(routes, ({ body }) => body),
    'input',
    (name) => (name in answers.named ? `${name}Input` : name),
  );
  // What a parameter means, not the text that it arrives as.
  const queries = routes.flatMap(({ operationId, query }) =>
    query === undefined ? [] : [[operationId, translate(query.shape, 'output').schemas] as const],
  );
  return {
    components: { ...answers.named, ...bodies.named },
    answers: answers.schemas,
    bodies: bodies.schemas,
    queries: Object.fromEntries(queries),
  };
}

function pick(
  routes: readonly DescribedRoute[],
  schemaOf: (route: DescribedRoute) => z.ZodType | undefined,
): Record<string, z.ZodType> {
  const entries = routes.flatMap((route) => {
    const schema = schemaOf(route);
    return schema === undefined ? [] : [[route.operationId, schema] as const];
  });
  return Object.fromEntries(entries);
}

interface Translated {
  schemas: Record<string, JsonSchema>;
  named: Record<string, JsonSchema>;
}

/** All in one go, so that what several of them share has one name. */
function translate(
  schemas: Readonly<Record<string, z.ZodType>>,
  io: 'input' | 'output',
  rename = (name: string) => name,
): Translated {
  const whole = z.toJSONSchema(z.object(schemas), { io, override: ({ jsonSchema }) => simplify(jsonSchema, io) });
  const text = JSON.stringify(whole).replace(
    /"\$ref":"#\/\$defs\/([^"]+)"/g,
    (_, name: string) => `"$ref":"#/components/schemas/${rename(name)}"`,
  );
  const { properties = {}, $defs = {} } = JSON.parse(text) as Partial<Record<string, Record<string, JsonSchema>>>;
  const named = Object.entries($defs).map(([name, schema]) => [rename(name), schema] as const);
  return { schemas: properties, named: Object.fromEntries(named) };
}

/** Leaves out what only repeats what JSON or a format says, and lets answers gain fields. */
function simplify(schema: JsonSchema, io: 'input' | 'output'): void {
  if (io === 'output' && schema['additionalProperties'] === false) delete schema['additionalProperties'];
  if (schema['maximum'] === Number.MAX_SAFE_INTEGER) delete schema['maximum'];
  if (schema['minimum'] === Number.MIN_SAFE_INTEGER) delete schema['minimum'];
  if (schema['format'] === 'date-time' || !isPortable(schema['pattern'])) delete schema['pattern'];
}

/** Whether the regular expressions of the languages that clients are written in know the pattern. */
function isPortable(pattern: unknown): boolean {
  return typeof pattern !== 'string' || !/\\[pP]\{|\(\?[!=<]/.test(pattern);
}
