import type { JsonSchema } from '../../engine-driver.js';
import type { GrammarRules } from './grammar-rules.js';
import { uncompilable } from './uncompilable-schema.js';

/** One character inside a JSON string. */
const CHARACTER = '[^"\\\\\\x7F\\x00-\\x1F] | "\\\\" ( ["\\\\/bfnrt] | "u" [0-9a-fA-F]{4} )';

const DAYS_28 = '( "0" [1-9] | "1" [0-9] | "2" [0-8] )';
/** Days that every year has. */
const DATE =
  `[0-9]{4} "-" ( ( "0" [13578] | "1" [02] ) "-" ( "0" [1-9] | [12] [0-9] | "3" [01] ) | ` +
  `( "0" [469] | "11" ) "-" ( "0" [1-9] | [12] [0-9] | "30" ) | "02-" ${DAYS_28} )`;
const CLOCK = '( [01] [0-9] | "2" [0-3] ) ":" [0-5] [0-9] ":" [0-5] [0-9] ( "." [0-9]{1,6} )?';
const ZONE = '( "Z" | [+-] ( [01] [0-9] | "2" [0-3] ) ":" [0-5] [0-9] )';
const BYTE = '( [0-9] | [1-9] [0-9] | "1" [0-9]{2} | "2" [0-4] [0-9] | "25" [0-5] )';
const LABEL = '[a-zA-Z0-9] ( [a-zA-Z0-9-]{0,30} [a-zA-Z0-9] )?';
const HOST = `${LABEL} ( "." ${LABEL} ){0,4}`;
const HEX = '[0-9a-f]';

/** Formats that OpenAI enforces. Others only describe, as JSON Schema has it. */
const FORMATS: Readonly<Record<string, string>> = {
  date: DATE,
  time: `${CLOCK} ${ZONE}`,
  'date-time': `${DATE} "T" ${CLOCK} ${ZONE}`,
  duration: '"P" ( [0-9]{1,4} [YMWD] | "T" [0-9]{1,4} [HMS] | [0-9]{1,4} "DT" [0-9]{1,4} [HMS] )',
  email: `[a-zA-Z0-9] ( [a-zA-Z0-9_+-] | "." [a-zA-Z0-9] ){0,40} "@" ${LABEL} ( "." ${LABEL} ){0,3} "." [a-zA-Z]{2,10}`,
  hostname: HOST,
  ipv4: `${BYTE} ( "." ${BYTE} ){3}`,
  ipv6: `${HEX}{1,4} ( ":" ${HEX}{1,4} ){7}`,
  uuid: `${HEX}{8} "-" ${HEX}{4} "-" [1-5] ${HEX}{3} "-" [89ab] ${HEX}{3} "-" ${HEX}{12}`,
};

/** Strings of a schema, quotes included. */
export function stringGrammar(schema: JsonSchema, rules: GrammarRules, path: string): string {
  const { format, pattern, minLength, maxLength } = schema;
  if (pattern !== undefined) throw uncompilable('"pattern"', path);
  const formatted = typeof format === 'string' && Object.hasOwn(FORMATS, format) ? FORMATS[format] : undefined;
  if (formatted === undefined) {
    const length = { ...count('min', minLength, path), ...count('max', maxLength, path) };
    return `"\\"" ${rules.repeat(rules.add(CHARACTER), length, path)} "\\""`;
  }
  if (minLength !== undefined || maxLength !== undefined) throw uncompilable('a length beside a "format"', path);
  return `"\\"" ${rules.add(formatted)} "\\""`;
}

/** A bound of a length or count, if the schema sets it. */
export function count(name: 'min' | 'max', value: unknown, path: string): { min?: number; max?: number } {
  if (value === undefined) return {};
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0) return { [name]: value };
  throw uncompilable('a length or count that is not a whole number', path);
}
