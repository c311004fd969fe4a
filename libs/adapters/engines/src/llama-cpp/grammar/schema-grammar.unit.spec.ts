import fc from 'fast-check';
import { gbnfRegExp } from '../../../test/gbnf-regexp.js';
import type { JsonSchema } from '../../engine-driver.js';
import { GrammarRules } from './grammar-rules.js';
import { SchemaGrammar } from './schema-grammar.js';
import { UncompilableSchema } from './uncompilable-schema.js';

function texts(schema: JsonSchema): RegExp {
  const rules = new GrammarRules();
  return gbnfRegExp(rules.toGbnf(new SchemaGrammar(schema, rules).compile()));
}

const CITY = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const OPTIONAL = { properties: { a: { type: 'null' }, b: { type: 'null' }, c: { type: 'null' } }, required: ['b'] };
const TREE = {
  $defs: {
    tree: { properties: { next: { anyOf: [{ $ref: '#/$defs/tree' }, { type: 'null' }] } }, required: ['next'] },
  },
  $ref: '#/$defs/tree',
};

describe('the grammar of a schema', () => {
  it.each<[string, JsonSchema, string[], string[]]>([
    [
      'objects',
      CITY,
      ['{"city": "Oslo"}', '{"city":""}', '{\n  "city": "a"\n}'],
      ['{}', '{"city": 1}', '{"city": "a"} '],
    ],
    [
      'properties that may be left out',
      OPTIONAL,
      ['{"b":null}', '{"a":null,"b":null}', '{"a":null, "b":null, "c":null}', '{"b":null,"c":null}'],
      ['{}', '{"a":null}', '{"b":null,"a":null}', '{"b":null,}', '{"a":null "b":null}', '{"b":null,"d":null}'],
    ],
    ['objects without properties', { type: 'object', additionalProperties: false }, ['{}', '{ }'], ['{"a": 1}', '']],
    [
      'maps',
      { additionalProperties: { type: 'integer' } },
      ['{}', '{"a": 1}', '{"a": 1, "\\u00e9": -2}'],
      ['{"a": 1.5}', '{"a": "b"}', '{a: 1}'],
    ],
    ['anything', {}, ['1', '"a"', '[1, {"a": null}]', '-1.5e+10'], ['', '{', '01', '[1,]', 'nul']],
    [
      'arrays',
      { items: { type: 'boolean' }, minItems: 1, maxItems: 2 },
      ['[true]', '[true, false]'],
      ['[]', '[true,true,true]'],
    ],
    ['empty arrays', { items: { type: 'boolean' }, maxItems: 0 }, ['[]'], ['[true]']],
    [
      'tuples',
      { prefixItems: [{ type: 'integer' }, { const: 'a' }] },
      ['[1, "a"]'],
      ['[1]', '["a", 1]', '[1, "a", 2]'],
    ],
    ['constants', { const: { a: [1, 'b"'] } }, ['{"a":[1,"b\\""]}'], ['{"a":[1,"b"]}']],
    ['enumerations', { type: ['string', 'null'], enum: ['a', 1, null] }, ['"a"', 'null'], ['1', 'a']],
    ['several types', { type: ['integer', 'null'] }, ['1', 'null'], ['1.5', '"a"']],
    ['nullable values', { type: 'boolean', nullable: true }, ['true', 'null'], ['1']],
    ['alternatives', { anyOf: [{ type: 'integer' }, { type: 'null' }] }, ['0', 'null'], ['true']],
    [
      'alternatives beside what all have',
      { type: 'object', properties: { a: { type: 'null' } }, anyOf: [{ required: ['a'] }, { properties: { b: {} } }] },
      ['{"a":null}', '{"b":1}', '{}'],
      ['{"c":1}'],
    ],
    [
      'schemas that hold together',
      { allOf: [CITY, { properties: { n: { const: 1 } } }] },
      ['{"city":"a","n":1}'],
      ['{"n":1}'],
    ],
    ['references', { $defs: { a: { type: 'null' } }, items: { $ref: '#/$defs/a' } }, ['[null]', '[]'], ['[1]']],
    ['values inside themselves', TREE, ['{"next":null}', '{"next":{"next":null}}'], ['{"next":{}}', 'null']],
    [
      'lengths',
      { type: 'string', minLength: 1, maxLength: 2 },
      ['"a"', '"é\\n"', '"\\u0041"'],
      ['""', '"abc"', '"\n"'],
    ],
    [
      'dates',
      { type: 'string', format: 'date' },
      ['"2026-02-28"', '"2026-12-31"'],
      ['"2026-02-30"', '"2026-04-31"', '"x"'],
    ],
    [
      'times',
      { format: 'date-time' },
      ['"2026-11-25T13:00:00Z"', '"2026-11-25T13:00:00.5+01:00"'],
      ['"2026-11-25T25:00:00Z"'],
    ],
    ['formats that only describe', { type: 'string', format: 'password' }, ['"a"'], ['1']],
    [
      'fractions within bounds',
      { type: 'number', minimum: 0, maximum: 1 },
      ['0', '0.25', '1'],
      ['1.5', '-0.5', '2', '1e3'],
    ],
  ])('takes %s', (...[, schema, accepted, refused]) => {
    const grammar = texts(schema);
    expect(accepted.filter((text) => !grammar.test(text))).toEqual([]);
    expect(refused.filter((text) => grammar.test(text))).toEqual([]);
  });

  it('takes the whole numbers between two bounds and no others', () => {
    const number = fc.integer({ min: -1200, max: 1200 });
    fc.assert(
      fc.property(number, fc.nat(1500), fc.array(number, { minLength: 20 }), (minimum, width, values) => {
        const maximum = minimum + width;
        const grammar = texts({ type: 'integer', minimum, exclusiveMaximum: maximum + 1 });
        for (const value of [...values, minimum, maximum, minimum - 1, maximum + 1]) {
          expect([value, grammar.test(String(value))]).toEqual([value, value >= minimum && value <= maximum]);
        }
      }),
    );
  });

  it('takes only fractions between its bounds', () => {
    const bound = fc.integer({ min: -300, max: 300 }).map((tenths) => tenths / 10);
    fc.assert(
      fc.property(bound, fc.nat(400), bound, (minimum, width, value) => {
        const maximum = minimum + width / 10 + 1;
        const grammar = texts({ type: 'number', minimum, exclusiveMaximum: maximum });
        if (grammar.test(String(value))) expect(value >= minimum && value < maximum).toBe(true);
      }),
    );
  });

  it.each<[string, JsonSchema, string]>([
    ['"pattern" at code', { properties: { code: { type: 'string', pattern: '^a$' } } }, '"pattern" at code'],
    ['"not"', { not: {} }, '"not" at its top'],
    ['a reference to nothing', { items: { $ref: '#/$defs/a' } }, 'the reference "#/$defs/a" to nothing at []'],
    ['a reference elsewhere', { $ref: 'https://example.com' }, 'the reference "https://example.com"'],
    ['a reference to itself', { $defs: { a: { $ref: '#/$defs/a' } }, $ref: '#/$defs/a' }, 'to itself'],
    ['an alternative that is the whole', { anyOf: [{ $ref: '#' }, { type: 'null' }] }, '"#" to itself'],
    ['an unknown type', { type: 'date' }, 'the type "date"'],
    ['bounds without a number', { type: 'integer', minimum: 2, maximum: 1 }, 'bounds without a whole number'],
    ['multiples', { type: 'number', multipleOf: 0.5 }, '"multipleOf"'],
    [
      'lengths that are long together',
      properties(26, (index) => ({ type: 'string', maxLength: 1950 + index })),
      'above 50000 together at p25',
    ],
    [
      'counts that are long together',
      properties(26, (index) => ({ items: { const: 1 }, minItems: 1950 + index })),
      'above 50000 together at p25',
    ],
    ['long minimum lengths', { type: 'string', minLength: 5000 }, 'above 2000'],
    [
      'properties that another schema forbids',
      { allOf: [{ ...CITY, additionalProperties: false }, OPTIONAL] },
      '"additionalProperties"',
    ],
    [
      'a required property that is forbidden',
      { required: ['a'], additionalProperties: false },
      'required property "a"',
    ],
    ['properties that are a list', { type: 'object', properties: [] }, '"properties" that are not an object'],
    ['a schema that is a list', { items: [] }, 'a schema that is not an object at []'],
    ['far too many values', { enum: Array.from({ length: 1001 }, (_, value) => value) }, 'more than 1000 values'],
    ['far too many levels', nested(100), 'more than 64 levels'],
    ['references that multiply', multiplying(20), 'more than 20000 parts'],
    ['references that cannot be decoded', { $ref: '#/%' }, 'to nothing'],
    ['references to what objects inherit', { $ref: '#/__proto__' }, 'to nothing'],
  ])('refuses %s in a sentence that names it', (_, schema, feature) => {
    expect(() => texts(schema)).toThrow(UncompilableSchema);
    expect(() => texts(schema)).toThrow(feature);
  });

  it('takes any number of properties of the same length: llama.cpp writes it out once', () => {
    const schema = properties(1000, () => ({ type: 'string', maxLength: 2000 }));
    const rules = new GrammarRules();
    const gbnf = rules.toGbnf(new SchemaGrammar(schema, rules).compile());
    expect(gbnf.match(/\{0,2000\}/g)).toHaveLength(1);
  });

  it.each<[string, JsonSchema]>([
    ['a required property', { required: ['a'.repeat(5000)], additionalProperties: false }],
    ['a reference', { $ref: `#/${'a'.repeat(5000)}` }],
    ['a type', { type: Array.from({ length: 5000 }, () => 'word') }],
    ['a place', { properties: { [`a`.repeat(5000)]: { pattern: 'b' } } }],
  ])('cuts the name of %s short', (_, schema) => {
    expect(() => texts(schema)).toThrow(/^.{20,400}$/);
  });
});

/** An object with so many properties, named p0, p1 and so on. */
function properties(count: number, schema: (index: number) => JsonSchema): JsonSchema {
  const entries = Array.from({ length: count }, (_, index) => [`p${String(index)}`, schema(index)] as const);
  return { properties: Object.fromEntries(entries) };
}

function nested(levels: number): JsonSchema {
  return levels === 0 ? {} : { items: nested(levels - 1) };
}

/** Each level refers to the next one twice, with a word of its own each time, so that no reference is compiled once. */
function multiplying(levels: number): JsonSchema {
  const level = (next: number): JsonSchema => {
    const one = { $ref: `#/$defs/${String(next)}`, type: 'null' };
    return next > levels ? { type: 'null' } : { anyOf: [one, one] };
  };
  const entries = Array.from({ length: levels + 1 }, (_, index) => [String(index), level(index + 1)] as const);
  return { $defs: Object.fromEntries(entries), $ref: '#/$defs/0' };
}
