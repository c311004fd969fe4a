const TOKEN = /"(?:[^"\\]|\\.)*"|\[(?:[^\]\\]|\\.)*\]|\{\d+(?:,\d*)?\}|[A-Za-z0-9-]+|[()|*+?]/g;
const DEEPEST = 2;

/** The regular expression of a grammar in GBNF; rules that contain themselves are followed a few levels only. */
export function gbnfRegExp(gbnf: string): RegExp {
  const bodies = new Map<string, string>();
  for (const line of gbnf.split('\n').filter((text) => text !== '')) {
    const at = line.indexOf(' ::= ');
    bodies.set(line.slice(0, at), line.slice(at + 5));
  }
  const expand = (name: string, within: readonly string[]): string => {
    const body = bodies.get(name);
    if (body === undefined) throw new Error(`The grammar has no rule "${name}".`);
    if (within.filter((outer) => outer === name).length > DEEPEST) return '(?!)';
    const parts = (body.match(TOKEN) ?? []).map((token) => {
      if (token.startsWith('"')) return quoted(token.slice(1, -1));
      return /^[A-Za-z0-9]/.test(token) ? expand(token, [...within, name]) : token;
    });
    return `(?:${parts.join('')})`;
  };
  return new RegExp(`^${expand('root', [])}$`, 'u');
}

/** A literal of the grammar as a regular expression: only its own escapes mean something. */
function quoted(text: string): string {
  const plain = text.replace(
    /\\(.)/g,
    (_, character: string) => ({ n: '\n', r: '\r', t: '\t' })[character] ?? character,
  );
  return `(?:${plain.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')})`;
}
