import { wrongType } from './parameter-error.js';
import {
  accept,
  invalidValue,
  isObject,
  readJsonSchema,
  readName,
  readObject,
  readOptional,
  readString,
  refuse,
  type JsonObject,
  type Read,
} from './read-value.js';

/** What the text of an answer has to be. */
export type ResponseFormat = { type: 'json_object' } | { type: 'json_schema'; schema: JsonObject };

/** Reads `response_format`; undefined where any text will do. */
export function readResponseFormat(value: unknown): Read<ResponseFormat | undefined> {
  if (value === undefined || value === null) return accept(undefined);
  if (!isObject(value)) return refuse(wrongType('response_format', 'an object', value));
  const type = readString(value, 'response_format.type');
  if (!type.ok) return type;
  switch (type.value) {
    case 'text':
      return accept(undefined);
    case 'json_object':
      return accept({ type: 'json_object' });
    case 'json_schema':
      return readSchema(value);
    default:
      return invalidValue('response_format.type', 'expected one of text, json_object, json_schema.');
  }
}

/** The engine holds every answer to its schema, asked for as strict or not. */
function readSchema(format: JsonObject): Read<ResponseFormat> {
  const path = 'response_format.json_schema';
  const described = readObject(format, path);
  if (!described.ok) return described;
  const name = readName(described.value, `${path}.name`);
  if (!name.ok) return name;
  const description = readOptional(described.value, { path: `${path}.description`, type: 'string' });
  if (!description.ok) return description;
  const strict = readOptional(described.value, { path: `${path}.strict`, type: 'boolean' });
  if (!strict.ok) return strict;
  const schema = readJsonSchema(described.value, `${path}.schema`);
  return schema.ok ? accept({ type: 'json_schema', schema: schema.value }) : schema;
}
