import type { JsonSchema } from '../../engine-driver.js';
import { quoted, uncompilable } from './uncompilable-schema.js';

const TYPES = ['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'] as const;
export type SchemaType = (typeof TYPES)[number];

/** Keywords that only make sense for one type, for schemas that leave `type` out. */
const TYPE_OF_KEYWORD: Readonly<Record<string, SchemaType>> = {
  ...{ properties: 'object', required: 'object', additionalProperties: 'object' },
  ...{ items: 'array', prefixItems: 'array', minItems: 'array', maxItems: 'array', uniqueItems: 'array' },
  ...{ minLength: 'string', maxLength: 'string', pattern: 'string', format: 'string' },
  ...{ minimum: 'number', maximum: 'number', exclusiveMinimum: 'number', exclusiveMaximum: 'number' },
  multipleOf: 'number',
};

/** The types that a schema names or implies. Undefined: any. */
export function typesOf({ type, ...others }: JsonSchema, path: string): SchemaType[] | undefined {
  if (type === undefined) {
    const implied = Object.keys(others).find((keyword) => Object.hasOwn(TYPE_OF_KEYWORD, keyword));
    const found = implied === undefined ? undefined : TYPE_OF_KEYWORD[implied];
    return found === undefined ? undefined : [found];
  }
  const named: unknown[] = Array.isArray(type) ? type : [type];
  const unknown = named.find((name) => !isType(name));
  if (unknown !== undefined || named.length === 0) throw uncompilable(`the type ${quoted(type)}`, path);
  return named.filter(isType);
}

function isType(name: unknown): name is SchemaType {
  return TYPES.some((type) => type === name);
}

/** Whether a JSON value is of a type. */
export function isOfType(value: unknown, type: SchemaType): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value);
    case 'integer':
      return Number.isInteger(value);
    case 'string':
    case 'number':
    case 'boolean':
      return typeof value === type;
  }
}

/** The list under a keyword. */
export function listOf(value: unknown, keyword: string, path: string): readonly unknown[] {
  if (Array.isArray(value)) return value as unknown[];
  throw uncompilable(`"${keyword}" that is not a list`, path);
}

/** The schema without one keyword. */
export function without(schema: JsonSchema, keyword: string): JsonSchema {
  return Object.fromEntries(Object.entries(schema).filter(([name]) => name !== keyword));
}
