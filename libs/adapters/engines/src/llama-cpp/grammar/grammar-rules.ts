import { uncompilable } from './uncompilable-schema.js';

/** Far more than any schema of a real tool needs; each costs the engine time at every token. */
const MOST_RULES = 10_000;
/** llama.cpp takes no larger counts of repetitions. */
const MOST_REPETITIONS = 2000;
/** llama.cpp writes each one out, in one or two microseconds, and no answer of the replica gets on meanwhile. */
const MOST_REPETITIONS_TOGETHER = 50_000;

/** Each alternative is followed at every token until the text tells it from the others. */
const MOST_ALTERNATIVES = 1000;

/** White space that a model may put between two parts of JSON: bounded, so that it cannot go on for ever. */
const SPACE = '| " " | "\\n" [ \\t]{0,20}';

/** Collects the named rules of a grammar in GBNF, llama.cpp's notation. The same body gets the same name. */
export class GrammarRules {
  private readonly bodies = new Map<string, string>([['space', SPACE]]);
  private readonly names = new Map<string, string>();
  private repetitions = 0;

  /** The name of a rule with this body. */
  add(body: string): string {
    const known = this.names.get(body);
    if (known !== undefined) return known;
    const name = this.reserve();
    this.define(name, body);
    this.names.set(body, name);
    return name;
  }

  /**
   * An expression of `part` so many times; `max` left out: any number. The same repetition is written out once.
   * Throws UncompilableSchema for counts that llama.cpp refuses, or that are too much for it together.
   */
  repeat(part: string, { min = 0, max }: { min?: number; max?: number }, path: string): string {
    const times = Math.max(min, max ?? 0);
    if (times > MOST_REPETITIONS) throw uncompilable(`a length or count above ${String(MOST_REPETITIONS)}`, path);
    if (max !== undefined && max < min) throw uncompilable('a maximum below its minimum', path);
    if (max === undefined && min === 0) return `${part}*`;
    if (max === 0) return '""';
    const body = `${part}{${String(min)},${max === undefined ? '' : String(max)}}`;
    if (!this.names.has(body)) this.repetitions += times;
    if (this.repetitions <= MOST_REPETITIONS_TOGETHER) return this.add(body);
    throw uncompilable(`lengths and counts above ${String(MOST_REPETITIONS_TOGETHER)} together`, path);
  }

  /** A name that may be used before its body is known: for rules that contain themselves. */
  reserve(): string {
    if (this.bodies.size >= MOST_RULES) throw uncompilable('more parts than a grammar may have', '');
    const name = `r${String(this.bodies.size)}`;
    this.bodies.set(name, '');
    return name;
  }

  define(name: string, body: string): void {
    this.bodies.set(name, body);
  }

  /** The grammar whose texts are those of `root`. */
  toGbnf(root: string): string {
    const lines = [...this.bodies].map(([name, body]) => `${name} ::= ${body}`);
    return [`root ::= ${root}`, ...lines, ''].join('\n');
  }
}

/** Exactly this text. */
export function literal(text: string): string {
  const escaped = text
    .replace(/[\\"]/g, '\\$&')
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t');
  return `"${escaped}"`;
}

/** One of these. */
export function oneOf(alternatives: readonly string[]): string {
  const distinct = [...new Set(alternatives)];
  if (distinct.length > MOST_ALTERNATIVES) {
    throw uncompilable(`more than ${String(MOST_ALTERNATIVES)} values or alternatives`, '');
  }
  return distinct.length === 1 ? (distinct[0] ?? '') : `( ${distinct.join(' | ')} )`;
}
