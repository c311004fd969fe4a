import type { JsonSchema } from '../../engine-driver.js';
import { anyJson, anyString } from './any-json.js';
import { arrayGrammar, mapGrammar, objectGrammar } from './container-grammar.js';
import type { Member } from './container-grammar.js';
import { literal, oneOf } from './grammar-rules.js';
import type { GrammarRules } from './grammar-rules.js';
import { isSchema, mergeSchemas, withoutNotes } from './merge-schemas.js';
import { numberGrammar } from './number-grammar.js';
import { isOfType, listOf, typesOf, without } from './schema-keywords.js';
import type { SchemaType } from './schema-keywords.js';
import { count, stringGrammar } from './string-grammar.js';
import { quoted, uncompilable } from './uncompilable-schema.js';

const DEEPEST = 64;
/** References may multiply the parts of a small schema without end; no real one has nearly as many. */
const MOST_PARTS = 20_000;
/** Keywords that bind values in ways that a grammar of this kind cannot follow. */
const NOT_GUARANTEED = [
  ...['not', 'if', 'then', 'else', 'contains', 'patternProperties', 'propertyNames', 'dependentRequired'],
  ...['dependentSchemas', 'dependencies', 'minProperties', 'maxProperties', '$dynamicRef'],
  ...['unevaluatedProperties', 'unevaluatedItems'],
];

/**
 * Turns one JSON schema into grammar rules, so that every text of the grammar is JSON that the schema accepts.
 * The grammar may have fewer texts: properties keep the schema's order, and objects with named properties have no others.
 */
export class SchemaGrammar {
  private readonly references = new Map<string, string>();
  private parts = 0;

  /** `name` tells errors where the schema comes from. */
  constructor(
    private readonly root: JsonSchema,
    private readonly rules: GrammarRules,
    private readonly name = '',
  ) {}

  /** The name of the rule for a whole value. Throws UncompilableSchema for what it cannot guarantee. */
  compile(): string {
    return this.value(this.root, { path: this.name, depth: 0, open: ['#'] });
  }

  private value(schema: unknown, at: Place): string {
    this.parts += 1;
    if (this.parts > MOST_PARTS) throw uncompilable(`more than ${String(MOST_PARTS)} parts`, at.path);
    if (schema === true) return anyJson(this.rules);
    if (!isSchema(schema)) throw uncompilable('a schema that is not an object', at.path);
    if (at.depth > DEEPEST) throw uncompilable(`more than ${String(DEEPEST)} levels`, at.path);
    const keywords = withoutNotes(schema);
    const unsupported = NOT_GUARANTEED.find((keyword) => keyword in keywords);
    if (unsupported !== undefined) throw uncompilable(`"${unsupported}"`, at.path);
    return this.rules.add(this.expression(keywords, at));
  }

  private expression(keywords: JsonSchema, at: Place): string {
    const { $ref, allOf, anyOf, oneOf: alternatives, nullable, ...rest } = keywords;
    if (nullable === true) return oneOf([this.value(without(keywords, 'nullable'), deeper(at)), literal('null')]);
    if ($ref !== undefined) return this.reference($ref, without(keywords, '$ref'), at);
    if (allOf !== undefined) return this.together(listOf(allOf, 'allOf', at.path), without(keywords, 'allOf'), at);
    // `oneOf` is read as `anyOf`: alternatives that exclude each other are the same either way.
    const choice = anyOf ?? alternatives;
    if (choice !== undefined) {
      const fitting = listOf(choice, 'anyOf', at.path).map((one) => this.value(this.fold(rest, one, at), deeper(at)));
      return oneOf(fitting);
    }
    if ('const' in rest) return literal(JSON.stringify(rest.const));
    if (rest.enum !== undefined) return this.enumeration(rest, at);
    const types = typesOf(rest, at.path);
    return types === undefined ? anyJson(this.rules) : oneOf(types.map((type) => this.typed(type, rest, at)));
  }

  /** A schema that holds beside `rest`; by itself when that says nothing, so that it may refer to itself. */
  private fold(rest: JsonSchema, one: unknown, at: Place): unknown {
    if (Object.keys(rest).length === 0) return one;
    if (!isSchema(one)) throw uncompilable('a schema that is not an object', at.path);
    const resolved =
      one.$ref === undefined ? one : mergeSchemas(this.lookUp(one.$ref, at), without(one, '$ref'), at.path);
    return mergeSchemas(rest, resolved, at.path);
  }

  private together(schemas: readonly unknown[], rest: JsonSchema, at: Place): string {
    const all = schemas.reduce<unknown>((merged, one) => this.fold(isSchema(merged) ? merged : {}, one, at), rest);
    return this.value(all, deeper(at));
  }

  private reference($ref: unknown, rest: JsonSchema, at: Place): string {
    if (Object.keys(rest).length > 0) return this.value(this.fold(rest, { $ref }, at), deeper(at));
    const key = String($ref);
    if (at.open.includes(key)) throw uncompilable(`the reference ${quoted(key)} to itself`, at.path);
    const known = this.references.get(key);
    if (known !== undefined) return known;
    const schema = this.lookUp($ref, at);
    const name = this.rules.reserve();
    this.references.set(key, name);
    this.rules.define(name, this.value(schema, { path: key, depth: at.depth + 1, open: [...at.open, key] }));
    return name;
  }

  private lookUp($ref: unknown, at: Place): JsonSchema {
    if (typeof $ref !== 'string' || !/^#($|\/)/.test($ref))
      throw uncompilable(`the reference ${quoted($ref)}`, at.path);
    let found: unknown = this.root;
    for (const step of $ref.split('/').slice(1)) {
      const key = decoded(step)?.replaceAll('~1', '/').replaceAll('~0', '~');
      const isInside = key !== undefined && (isSchema(found) || Array.isArray(found)) && Object.hasOwn(found, key);
      found = isInside ? (found as Record<string, unknown>)[key] : undefined;
    }
    if (!isSchema(found)) throw uncompilable(`the reference ${quoted($ref)} to nothing`, at.path);
    return found;
  }

  private enumeration(schema: JsonSchema, at: Place): string {
    const types = typesOf(schema, at.path);
    const values = listOf(schema.enum, 'enum', at.path).filter(
      (value) => types === undefined || types.some((type) => isOfType(value, type)),
    );
    if (values.length === 0) throw uncompilable('an "enum" without a value of its type', at.path);
    return oneOf(values.map((value) => literal(JSON.stringify(value))));
  }

  private typed(type: SchemaType, schema: JsonSchema, at: Place): string {
    switch (type) {
      case 'object':
        return this.object(schema, at);
      case 'array':
        return this.array(schema, at);
      case 'string':
        return stringGrammar(schema, this.rules, at.path);
      case 'number':
      case 'integer':
        return this.rules.add(numberGrammar(schema, type, at.path));
      case 'boolean':
        return oneOf([literal('true'), literal('false')]);
      case 'null':
        return literal('null');
    }
  }

  private object({ properties = {}, required = [], additionalProperties = true }: JsonSchema, at: Place): string {
    if (!isSchema(properties)) throw uncompilable('"properties" that are not an object', at.path);
    const names = new Set(listOf(required, 'required', at.path).map(String));
    const undeclared = [...names].filter((key) => !Object.hasOwn(properties, key));
    if (undeclared.length > 0 && additionalProperties === false) {
      throw uncompilable(`a required property ${quoted(undeclared[0] ?? '')} that it does not allow`, at.path);
    }
    const schemas = [...Object.entries(properties), ...undeclared.map((key) => [key, additionalProperties] as const)];
    const members = schemas.map(([key, schema]): Member => ({
      key,
      value: this.value(schema, inside(at, key)),
      required: names.has(key),
    }));
    if (members.length > 0 || additionalProperties === false) return objectGrammar(members, this.rules);
    return mapGrammar(anyString(this.rules), this.value(additionalProperties, inside(at, '*')), this.rules);
  }

  private array({ items, prefixItems = [], minItems, maxItems, uniqueItems }: JsonSchema, at: Place): string {
    const bounds = { ...count('min', minItems, at.path), ...count('max', maxItems, at.path) };
    if (uniqueItems === true && bounds.max !== 1) throw uncompilable('"uniqueItems"', at.path);
    const prefix = listOf(prefixItems, 'prefixItems', at.path).map((item, index) =>
      this.value(item, inside(at, String(index))),
    );
    // Behind a tuple anything may follow; nothing does, unless the schema describes or demands it.
    const open = items === undefined && (prefix.length === 0 || (bounds.min ?? 0) > prefix.length);
    const item = open
      ? anyJson(this.rules)
      : items === undefined || items === false
        ? undefined
        : this.value(items, inside(at, '[]'));
    if (item === undefined && (bounds.min ?? 0) > prefix.length)
      throw uncompilable('more "minItems" than items', at.path);
    return arrayGrammar({ prefix, item, ...bounds }, this.rules, at.path);
  }
}

/** Where a part of the schema stands. */
interface Place {
  path: string;
  depth: number;
  /** References that are being followed since the last bracket; one of them again would go round without end. */
  open: readonly string[];
}

function inside({ path, depth }: Place, step: string): Place {
  return { path: path === '' ? step : `${path}.${step}`, depth: depth + 1, open: [] };
}

/** A step of a reference without its percent signs; undefined where they stand for no text. */
function decoded(step: string): string | undefined {
  try {
    return decodeURIComponent(step);
  } catch {
    return undefined;
  }
}

function deeper(at: Place): Place {
  return { ...at, depth: at.depth + 1 };
}
