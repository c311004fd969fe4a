/** The text on one line, without file names that hold a folder. */
export function withoutPaths(text: string): string {
  return text
    .replace(/(?<!\w)(?:file:\/\/)?(?:[A-Za-z]:)?(?:[\\/][^\s'":,;()]+)+/g, '(path)')
    .replace(/\s+/g, ' ')
    .replace(/[.\s]+$/, '')
    .trim();
}
