/** Digits of the longest whole numbers that survive JSON parsers unchanged. */
const MOST_DIGITS = 15;

/** Whole numbers from `min` to `max` without leading zeros. Undefined: there are none. */
export function integerRange(min: number, max: number): string | undefined {
  const negative = naturalRange(Math.max(1, -max), -min);
  const natural = naturalRange(Math.max(0, min), max);
  const alternatives = [negative === undefined ? undefined : `"-" ( ${negative} )`, natural];
  const present = alternatives.filter((alternative) => alternative !== undefined);
  return present.length === 0 ? undefined : `( ${present.join(' | ')} )`;
}

/** Whole numbers from `min` to `max`, neither negative, as alternatives. Undefined: there are none. */
export function naturalRange(min: number, max: number): string | undefined {
  const last = Math.min(max, 10 ** MOST_DIGITS - 1);
  const alternatives: string[] = [];
  for (let from = min; from <= last;) {
    const digits = String(from).length;
    const to = Math.min(last, 10 ** digits - 1);
    alternatives.push(...sameLength(String(from), String(to)));
    from = to + 1;
  }
  return alternatives.length === 0 ? undefined : alternatives.join(' | ');
}

/** The numbers between two of the same length, digit by digit. */
function sameLength(from: string, to: string): string[] {
  const [first = '', ...rest] = from;
  const [last = '', ...lastRest] = to;
  if (rest.length === 0) return [digits(Number(first), Number(last))];
  if (isWhole(rest, '0') && isWhole(lastRest, '9')) {
    return [`${digits(Number(first), Number(last))} [0-9]{${String(rest.length)}}`];
  }
  const after = (digit: string, low: string, high: string): string =>
    `"${digit}" ( ${sameLength(low, high).join(' | ')} )`;
  const low = rest.join('');
  const high = lastRest.join('');
  if (first === last) return [after(first, low, high)];
  const between = Number(last) - Number(first) > 1;
  return [
    after(first, low, '9'.repeat(low.length)),
    ...(between ? [`${digits(Number(first) + 1, Number(last) - 1)} [0-9]{${String(low.length)}}`] : []),
    after(last, '0'.repeat(high.length), high),
  ];
}

function digits(from: number, to: number): string {
  return from === to ? `"${String(from)}"` : `[${String(from)}-${String(to)}]`;
}

function isWhole(text: readonly string[], digit: string): boolean {
  return text.every((character) => character === digit);
}
