import type { GenerateRequest, JsonSchema } from '../engine-driver.js';

const DEEPEST = 16;

/**
 * The text of an answer that has to have a form: a call of a tool, or JSON. Undefined where any text will do.
 * A model that may choose calls the first tool, unless the last message is a tool's result.
 */
export function constrainedText({ toolUse, format, messages }: GenerateRequest): string | undefined {
  const wantsCall = toolUse !== undefined && (toolUse.choice === 'required' || messages.at(-1)?.role !== 'tool');
  const tool = wantsCall ? (toolUse.tools.find(({ name }) => name === toolUse.only) ?? toolUse.tools[0]) : undefined;
  if (tool !== undefined) {
    const { name, parameters = {} } = tool;
    const value = JSON.stringify(valueOf({ type: 'object', ...parameters }, parameters));
    return `<tool_call>{"name": ${JSON.stringify(name)}, "arguments": ${value}}</tool_call>`;
  }
  switch (format?.kind) {
    case 'json_object':
      return JSON.stringify({ answer: 'simulated' });
    case 'json_schema':
      return JSON.stringify(valueOf(format.schema, format.schema));
    case 'text':
    case undefined:
      return undefined;
  }
}

/** A small value of the schema: first choices, required properties, shortest lists. */
function valueOf(schema: JsonSchema, root: JsonSchema, depth = 0): unknown {
  if (depth > DEEPEST) return null;
  const inner = (part: unknown): unknown => valueOf(isSchema(part) ? part : {}, root, depth + 1);
  if ('const' in schema) return schema['const'];
  if (Array.isArray(schema['enum'])) return schema['enum'][0];
  if (typeof schema['$ref'] === 'string') return inner(resolve(schema['$ref'], root));
  const options = schema['anyOf'] ?? schema['oneOf'] ?? schema['allOf'];
  if (Array.isArray(options)) return inner(options[0]);
  const type: unknown = Array.isArray(schema['type']) ? schema['type'][0] : schema['type'];
  switch (type) {
    case 'object':
      return objectOf(schema, inner);
    case 'array':
      return Array.from({ length: numberOr(schema['minItems'], 0) }, () => inner(schema['items']));
    case 'integer':
    case 'number':
      return numberOr(schema['minimum'], 1);
    case 'boolean':
      return true;
    case 'null':
      return null;
    default:
      return 'simulated'
        .padEnd(numberOr(schema['minLength'], 0), '.')
        .slice(0, numberOr(schema['maxLength'], Infinity));
  }
}

function objectOf(schema: JsonSchema, inner: (part: unknown) => unknown): Record<string, unknown> {
  const properties = isSchema(schema['properties']) ? schema['properties'] : {};
  const required = Array.isArray(schema['required']) ? schema['required'].map(String) : [];
  return Object.fromEntries(required.map((name) => [name, inner(properties[name])]));
}

/** What a reference like `#/$defs/city` names. */
function resolve(reference: string, root: JsonSchema): unknown {
  const names = reference.split('/').slice(1);
  return names.reduce<unknown>((at, name) => (isSchema(at) ? at[name] : undefined), root);
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function numberOr(value: unknown, other: number): number {
  return typeof value === 'number' ? value : other;
}
