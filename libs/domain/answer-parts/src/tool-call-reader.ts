import type { AnswerParts } from './answer-parts.js';
import { JsonObjectEnd } from './json-object-end.js';
import { possibleMarkerLength } from './marker.js';

/** The tools of a request, as far as its answer's text needs them. */
export interface OfferedTools {
  names: ReadonlySet<string>;
  /** Whether one answer may hold several calls. */
  parallel: boolean;
  /** Begins the id of each call; of the job, so that it is the same in every attempt. */
  idPrefix: string;
}

export const CALL_BEGINS = '<tool_call>';
const CALL_ENDS = '</tool_call>';

/** What the text behind a call's marker turned out to be, and the text that follows. */
export interface CallEnd {
  /** The text is no call of an offered tool: it is content, as it was written. */
  refused: string;
  rest: string;
}

/** The usual beginning of a call, up to its arguments; in other orders a call is read once it is whole. */
const usualHead = /^\s*\{\s*"name"\s*:\s*"([\w-]{1,64})"\s*,\s*"arguments"\s*:\s*(?=\{)/;
/** Where no head is found in so many characters there is none. */
const MOST_OF_A_HEAD = 512;

/** Reads one call behind its marker. Arguments pass on while they come. */
export class ToolCallReader {
  private phase: 'head' | 'arguments' | 'tail' = 'head';
  private gathered = '';
  private readonly objectEnd = new JsonObjectEnd();

  constructor(
    private readonly call: { index: number; tools: OfferedTools },
    private readonly parts: AnswerParts,
  ) {}

  /** Undefined while the call goes on. */
  read(text: string): CallEnd | undefined {
    if (this.phase === 'head') return this.readHead(text);
    return this.phase === 'arguments' ? this.readArguments(text) : this.readTail(text);
  }

  /** The answer has ended within the call. What is refused comes back. */
  end(): string {
    if (this.phase !== 'head') return '';
    return this.takeWhole(this.gathered) ? '' : CALL_BEGINS + this.gathered;
  }

  private readHead(text: string): CallEnd | undefined {
    const before = this.gathered.length;
    const triedInVain = before >= MOST_OF_A_HEAD;
    this.gathered += text;
    const head = triedInVain ? null : usualHead.exec(this.gathered.slice(0, MOST_OF_A_HEAD));
    if (head && this.start(head[1])) {
      this.phase = 'arguments';
      return this.readArguments(this.gathered.slice(head[0].length));
    }
    const at = this.gathered.indexOf(CALL_ENDS, Math.max(0, before - CALL_ENDS.length));
    if (at < 0) return undefined;
    const body = this.gathered.slice(0, at);
    const rest = this.gathered.slice(at + CALL_ENDS.length);
    return { refused: this.takeWhole(body) ? '' : CALL_BEGINS + body + CALL_ENDS, rest };
  }

  private readArguments(text: string): CallEnd | undefined {
    const end = this.objectEnd.find(text) ?? text.length + 1;
    const json = text.slice(0, end);
    if (json !== '') this.parts.callArguments(this.call.index, json);
    if (end > text.length) return undefined;
    this.phase = 'tail';
    this.gathered = '';
    return this.readTail(text.slice(end));
  }

  /** Whatever stands between the arguments and the end of the call says nothing. */
  private readTail(text: string): CallEnd | undefined {
    const whole = this.gathered + text;
    const at = whole.indexOf(CALL_ENDS);
    if (at >= 0) return { refused: '', rest: whole.slice(at + CALL_ENDS.length) };
    this.gathered = whole.slice(whole.length - possibleMarkerLength(whole, CALL_ENDS));
    return undefined;
  }

  /** Reads a call that is there as a whole; false when it is none. */
  private takeWhole(body: string): boolean {
    const call = parseObject(body);
    const given = call?.['arguments'] ?? {};
    if (call === undefined || typeof given !== 'object' || Array.isArray(given)) return false;
    if (!this.start(call['name'])) return false;
    this.parts.callArguments(this.call.index, JSON.stringify(given));
    return true;
  }

  private start(name: unknown): boolean {
    const { index, tools } = this.call;
    if (typeof name !== 'string' || !tools.names.has(name)) return false;
    this.parts.callStarted({ index, id: `${tools.idPrefix}${String(index)}`, name });
    return true;
  }
}

function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : undefined;
  } catch {
    // A model may write anything.
    return undefined;
  }
}
