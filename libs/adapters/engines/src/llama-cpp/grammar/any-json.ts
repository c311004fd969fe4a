import { mapGrammar } from './container-grammar.js';
import type { GrammarRules } from './grammar-rules.js';
import { NUMBER } from './number-grammar.js';
import { stringGrammar } from './string-grammar.js';

/** The name of the rule for any JSON value. */
export function anyJson(rules: GrammarRules): string {
  const others = [anyString(rules), rules.add(NUMBER), '"true"', '"false"', '"null"'];
  rules.define('any-array', '"[" space ( any ( "," space any )* )? space "]"');
  rules.define('any', [anyObject(rules), 'any-array', ...others].join(' | '));
  return 'any';
}

/** The name of the rule for any JSON object; `any` has to be defined as well. */
function anyObject(rules: GrammarRules): string {
  return rules.add(mapGrammar(anyString(rules), 'any', rules));
}

export function anyString(rules: GrammarRules): string {
  return rules.add(stringGrammar({}, rules, ''));
}
