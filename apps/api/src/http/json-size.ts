const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;

/** What the time to parse a text grows with, beside its bytes. */
export interface JsonBounds {
  /** Objects and arrays, and members of objects. */
  mostParts: number;
  /** Objects and arrays within each other; what works on JSON recursively ends at some thousands. */
  mostLevels: number;
}

/**
 * Whether a JSON text stays within the bounds, found without parsing it: a few megabytes of brackets keep the parser, and
 * everybody else with it, busy for seconds. Says nothing of a text that is no JSON.
 */
export function isWithinBounds(text: Buffer, { mostParts, mostLevels }: JsonBounds): boolean {
  let [parts, levels] = [0, 0];
  for (let index = 0; index < text.length; index += 1) {
    switch (text[index] ?? 0) {
      case QUOTE:
        index = endOfString(text, index);
        break;
      case OPENING_BRACE:
      case OPENING_BRACKET:
        parts += 1;
        levels += 1;
        break;
      case CLOSING_BRACE:
      case CLOSING_BRACKET:
        levels -= 1;
        break;
      case COLON:
        parts += 1;
        break;
      default:
        break;
    }
    if (parts > mostParts || levels > mostLevels) return false;
  }
  return true;
}

/** Where the string ends that begins at `start`; behind the text when it does not end. */
function endOfString(text: Buffer, start: number): number {
  for (let end = text.indexOf(QUOTE, start + 1); end !== -1; end = text.indexOf(QUOTE, end + 1)) {
    let escapes = 0;
    while (text[end - 1 - escapes] === BACKSLASH) escapes += 1;
    if (escapes % 2 === 0) return end;
  }
  return text.length;
}
