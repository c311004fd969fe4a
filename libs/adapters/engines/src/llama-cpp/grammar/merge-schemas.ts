import type { JsonSchema } from '../../engine-driver.js';
import { uncompilable } from './uncompilable-schema.js';

/** Keywords that describe and bind nothing. */
const NOTES = new Set([
  ...['title', 'description', 'default', 'example', 'examples', 'deprecated', 'readOnly', 'writeOnly'],
  ...['$schema', '$id', '$anchor', '$comment', '$defs', 'definitions', 'strict'],
]);

/** The schema without what only describes. */
export function withoutNotes(schema: JsonSchema): JsonSchema {
  return Object.fromEntries(Object.entries(schema).filter(([keyword]) => !NOTES.has(keyword)));
}

/** One schema for what has to fit both. Throws EngineError where that is not simply their sum. */
export function mergeSchemas(one: JsonSchema, other: JsonSchema, path: string): JsonSchema {
  refuseClosedBesideOpen(one, other, path);
  refuseClosedBesideOpen(other, one, path);
  const merged: Record<string, unknown> = { ...withoutNotes(one) };
  for (const [keyword, value] of Object.entries(withoutNotes(other))) {
    merged[keyword] = keyword in merged ? mergeKeyword(keyword, [merged[keyword], value], path) : value;
  }
  return merged;
}

/** `additionalProperties` looks at the properties beside it only, so it forbids those of the other schema. */
function refuseClosedBesideOpen(closed: JsonSchema, other: JsonSchema, path: string): void {
  const { additionalProperties = true, properties = {} } = closed;
  if (additionalProperties === true || !isSchema(properties) || !isSchema(other.properties)) return;
  const foreign = Object.keys(other.properties).find((name) => !Object.hasOwn(properties, name));
  if (foreign !== undefined) throw uncompilable('"additionalProperties" beside properties of another schema', path);
}

function mergeKeyword(keyword: string, [one, other]: readonly [unknown, unknown], path: string): unknown {
  if (JSON.stringify(one) === JSON.stringify(other)) return one;
  if (keyword === 'required' && Array.isArray(one) && Array.isArray(other)) {
    return [...new Set<unknown>([...(one as unknown[]), ...(other as unknown[])])];
  }
  if (keyword === 'properties' && isSchema(one) && isSchema(other)) return mergeSchemasOf(one, other, path);
  throw uncompilable(`two values of "${keyword}" that have to hold together`, path);
}

/** Properties of the same name have to fit both. */
function mergeSchemasOf(one: JsonSchema, other: JsonSchema, path: string): JsonSchema {
  const merged: Record<string, unknown> = { ...one };
  for (const [name, schema] of Object.entries(other)) {
    const known = merged[name];
    merged[name] = isSchema(known) && isSchema(schema) ? mergeSchemas(known, schema, `${path}.${name}`) : schema;
  }
  return merged;
}

export function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
