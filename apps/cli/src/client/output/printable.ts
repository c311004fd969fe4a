/** Text of someone else for a terminal: without what would move its cursor, change its colours or its line. */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]+/gu, ' ').trim();
}

/** As printable, with the lines kept. */
export function printableLines(text: string): string {
  return text.split(/\r?\n/).map(printable).join('\n');
}
