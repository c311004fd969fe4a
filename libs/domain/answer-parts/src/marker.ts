/** How many characters at the end of a text may become the marker when more text comes. */
export function possibleMarkerLength(text: string, marker: string): number {
  const longest = Math.min(text.length, marker.length - 1);
  for (let length = longest; length > 0; length -= 1) {
    if (marker.startsWith(text.slice(text.length - length))) return length;
  }
  return 0;
}

/** How many characters at the end of a text are white space, perhaps followed by the beginning of the marker. */
export function heldLength(text: string, marker: string): number {
  const before = text.length - possibleMarkerLength(text, marker);
  return text.length - text.slice(0, before).trimEnd().length;
}
