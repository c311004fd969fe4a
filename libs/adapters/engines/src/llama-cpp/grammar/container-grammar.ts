import { literal } from './grammar-rules.js';
import type { GrammarRules } from './grammar-rules.js';

/** A property of an object, its value as an expression. */
export interface Member {
  key: string;
  value: string;
  required: boolean;
}

/** Objects with these properties in this order; those not required may be left out. */
export function objectGrammar(members: readonly Member[], rules: GrammarRules): string {
  // `rest` continues behind a property that was written, `first` begins where none was.
  let rest = '""';
  let first = '""';
  for (const { key, value, required } of [...members].reverse()) {
    const pair = rules.add(`${literal(JSON.stringify(key))} ":" space ${value}`);
    first = required ? `${pair} ${rest}` : rules.add(`${pair} ${rest} | ${first}`);
    rest = rules.add(required ? `"," space ${pair} ${rest}` : `( "," space ${pair} )? ${rest}`);
  }
  return `"{" space ${first} space "}"`;
}

/** Objects with any keys, all values alike. */
export function mapGrammar(key: string, value: string, rules: GrammarRules): string {
  const pair = rules.add(`${key} ":" space ${value}`);
  return `"{" space ( ${pair} ( "," space ${pair} )* )? space "}"`;
}

/** What an array holds, its values as expressions, and how many. */
interface Items {
  prefix: readonly string[];
  item: string | undefined;
  min?: number;
  max?: number;
}

/** Arrays that begin with `prefix` and go on with any number of `item`; without `item` they end there. */
export function arrayGrammar({ prefix, item, min = 0, max }: Items, rules: GrammarRules, path: string): string {
  const head = prefix.join(' "," space ');
  if (item === undefined || max === prefix.length) return `"[" space ${head} space "]"`;
  const following = `( "," space ${item} )`;
  const bounds = (used: number): { min: number; max?: number } => ({
    min: Math.max(0, min - used),
    ...(max !== undefined && { max: max - used }),
  });
  if (prefix.length > 0) return `"[" space ${head} ${rules.repeat(following, bounds(prefix.length), path)} space "]"`;
  const all = `${item} ${rules.repeat(following, bounds(1), path)}`;
  return min === 0 ? `"[" space ( ${all} )? space "]"` : `"[" space ${all} space "]"`;
}
