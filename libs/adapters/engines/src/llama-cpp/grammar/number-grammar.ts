import type { JsonSchema } from '../../engine-driver.js';
import { integerRange, naturalRange } from './integer-range.js';
import { uncompilable } from './uncompilable-schema.js';

const INTEGER = '"-"? ( "0" | [1-9] [0-9]{0,14} )';
const FRACTION = '"." [0-9]{1,10}';
export const NUMBER = `${INTEGER} ( ${FRACTION} )? ( [eE] [-+]? [0-9]{1,2} )?`;

/** Numbers of a schema with its bounds; bounded ones have no exponent. */
export function numberGrammar(schema: JsonSchema, type: 'integer' | 'number', path: string): string {
  refuseMultiples(schema, type, path);
  const range = rangeOf(schema, path);
  if (range === undefined) return type === 'integer' ? INTEGER : NUMBER;
  const whole = integerRange(range.min, range.max);
  if (whole === undefined) throw uncompilable('bounds without a whole number between them', path);
  if (type === 'integer') return whole;
  // n.5 lies between n and n + 1, -n.5 between -n - 1 and -n: both ends have to lie in the range.
  const above = naturalRange(Math.max(0, range.min), range.max - 1);
  const below = naturalRange(Math.max(0, -range.max), -range.min - 1);
  return [
    whole,
    ...(above === undefined ? [] : [`( ${above} ) ${FRACTION}`]),
    ...(below === undefined ? [] : [`"-" ( ${below} ) ${FRACTION}`]),
  ].join(' | ');
}

/** The whole numbers at the ends of what the schema allows. Undefined: it sets no bounds. */
function rangeOf(schema: JsonSchema, path: string): { min: number; max: number } | undefined {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema;
  const bounds = [minimum, maximum, exclusiveMinimum, exclusiveMaximum];
  if (bounds.every((bound) => bound === undefined)) return undefined;
  const wrong = bounds.find((bound) => bound !== undefined && typeof bound !== 'number');
  if (wrong !== undefined) throw uncompilable('a bound that is not a number', path);
  return {
    min: Math.max(
      ...(typeof minimum === 'number' ? [Math.ceil(minimum)] : []),
      ...(typeof exclusiveMinimum === 'number' ? [Math.floor(exclusiveMinimum) + 1] : []),
    ),
    max: Math.min(
      ...(typeof maximum === 'number' ? [Math.floor(maximum)] : []),
      ...(typeof exclusiveMaximum === 'number' ? [Math.ceil(exclusiveMaximum) - 1] : []),
    ),
  };
}

function refuseMultiples({ multipleOf }: JsonSchema, type: 'integer' | 'number', path: string): void {
  if (multipleOf === undefined || (multipleOf === 1 && type === 'integer')) return;
  throw uncompilable('"multipleOf"', path);
}
