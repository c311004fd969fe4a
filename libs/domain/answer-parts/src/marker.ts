/** How many characters at the end of a text may become the marker when more text comes. */
export function possibleMarkerLength(text: string, marker: string): number {
  const longest = Math.min(text.length, marker.length - 1);
  for (let length = longest; length > 0; length -= 1) {
    if (marker.startsWith(text.slice(text.length - length))) return length;
  }
  return 0;
}

/** White space around a marker that does not count as text, in characters; what is more is text. */
const MOST_SPACE = 64;

/** How many characters at the end of a text are white space around a marker that may follow. */
export function trailingSpace(text: string): number {
  let length = 0;
  while (length < MOST_SPACE && isSpace(text[text.length - 1 - length])) length += 1;
  return length;
}

/** How many characters at the beginning of a text are white space; undefined where there are too many. */
export function leadingSpace(text: string): number | undefined {
  let length = 0;
  while (length <= MOST_SPACE && isSpace(text[length])) length += 1;
  return length > MOST_SPACE ? undefined : length;
}

/** How many characters at the end of a text wait for what follows: white space and what may become the marker. */
export function heldLength(text: string, marker: string): number {
  const ofMarker = possibleMarkerLength(text, marker);
  return ofMarker + trailingSpace(text.slice(0, text.length - ofMarker));
}

function isSpace(character: string | undefined): boolean {
  return character !== undefined && character.trim() === '';
}
