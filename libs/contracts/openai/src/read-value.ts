import { wrongType, type ParameterError } from './parameter-error.js';

/** A part of a body, read, or the first complaint about it. */
export type Read<T> = { ok: true; value: T } | { ok: false; error: ParameterError };

export type JsonObject = Readonly<Record<string, unknown>>;

export function accept<T>(value: T): { ok: true; value: T } {
  return { ok: true, value };
}

export function refuse(error: ParameterError): { ok: false; error: ParameterError } {
  return { ok: false, error };
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The complaint about a value of the right type that says something wrong. */
export function invalidValue(param: string, why: string): { ok: false; error: ParameterError } {
  return refuse({ message: `Invalid value for '${param}': ${why}`, param, code: 'invalid_value' });
}

export function emptyArray(param: string): { ok: false; error: ParameterError } {
  const message = `Invalid '${param}': empty array. Expected an array with minimum length 1.`;
  return refuse({ message, param, code: 'empty_array' });
}

/** Reads a field of an object; `undefined` where it is absent or null. */
export function readOptional<Type extends 'string' | 'boolean'>(
  owner: JsonObject,
  { path, type }: { path: string; type: Type },
): Read<(Type extends 'string' ? string : boolean) | undefined> {
  const value = fieldOf(owner, path);
  if (value === undefined || typeof value === type) {
    return accept(value as (Type extends 'string' ? string : boolean) | undefined);
  }
  return refuse(wrongType(path, type === 'string' ? 'a string' : 'a boolean', value));
}

/** Reads a field that has to be a string. */
export function readString(owner: JsonObject, path: string): Read<string> {
  const value = fieldOf(owner, path);
  return typeof value === 'string' ? accept(value) : refuse(wrongType(path, 'a string', value));
}

/** Reads a field that has to be an object. */
export function readObject(owner: JsonObject, path: string): Read<JsonObject> {
  const value = fieldOf(owner, path);
  return isObject(value) ? accept(value) : refuse(wrongType(path, 'an object', value));
}

/** Far deeper than any schema that an engine compiles, and far from where a stack ends. */
const MOST_LEVELS = 256;

/** Reads a field that has to be a JSON schema. */
export function readJsonSchema(owner: JsonObject, path: string): Read<JsonObject> {
  const schema = readObject(owner, path);
  if (!schema.ok || !isDeeper(schema.value, MOST_LEVELS)) return schema;
  return invalidValue(path, `expected a schema of at most ${String(MOST_LEVELS)} levels.`);
}

function isDeeper(value: unknown, levels: number): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isDeeper(inner, levels - 1));
}

/** Reads the items of an array in order; the first complaint ends it. */
export function readItems<T>(
  items: readonly unknown[],
  path: string,
  read: (item: unknown, path: string) => Read<T>,
): Read<T[]> {
  const values: T[] = [];
  for (const [index, item] of items.entries()) {
    const value = read(item, `${path}[${String(index)}]`);
    if (!value.ok) return value;
    values.push(value.value);
  }
  return accept(values);
}

/** The field that the last step of a path names. */
function fieldOf(owner: JsonObject, path: string): unknown {
  return owner[path.slice(path.lastIndexOf('.') + 1)] ?? undefined;
}

const functionName = /^[a-zA-Z0-9_-]{1,64}$/;

/** Reads the name of a function, a tool or a schema. */
export function readName(owner: JsonObject, path: string): Read<string> {
  const name = readString(owner, path);
  if (!name.ok || functionName.test(name.value)) return name;
  return invalidValue(path, 'expected 1 to 64 letters, digits, underscores and dashes.');
}
