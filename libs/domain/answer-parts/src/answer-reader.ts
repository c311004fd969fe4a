import type { AnswerParts } from './answer-parts.js';
import { heldLength, leadingSpace, trailingSpace } from './marker.js';
import { CALL_BEGINS, ToolCallReader, type OfferedTools } from './tool-call-reader.js';

const REASONING_BEGINS = '<think>';
const REASONING_ENDS = '</think>';

type Phase = 'beginning' | 'before-reasoning' | 'reasoning' | 'after-reasoning' | 'content' | 'call' | 'complete';

/**
 * Tells the parts of one growing answer apart. However the text is cut, the parts join to the same; whatever may yet
 * become a marker is held back, and no character is split. Without tools, text that does not begin with reasoning
 * passes straight through.
 */
export class AnswerReader {
  private phase: Phase = 'beginning';
  private held = '';
  /** First half of a surrogate pair whose second half is still to come. */
  private heldHalf = '';
  /** White space before the current call. */
  private gap = '';
  private call: ToolCallReader | undefined;
  private startedCalls = 0;
  private hasReasoned = false;

  /** Left out, `tools` says that `<tool_call>` is a text like any other. */
  constructor(
    private readonly parts: AnswerParts,
    private readonly tools?: OfferedTools,
  ) {}

  /** Calls so far. */
  get calls(): number {
    return this.startedCalls;
  }

  /** Whether the answer began with reasoning, and whether that has ended. */
  get reasoning(): 'none' | 'open' | 'closed' {
    if (!this.hasReasoned) return 'none';
    return this.phase === 'before-reasoning' || this.phase === 'reasoning' ? 'open' : 'closed';
  }

  read(text: string): void {
    const whole = this.heldHalf + text;
    const cut = isFirstHalf(whole.charCodeAt(whole.length - 1)) ? whole.length - 1 : whole.length;
    this.heldHalf = whole.slice(cut);
    if (cut > 0) this.readWhole(whole.slice(0, cut));
  }

  /** The answer is complete: what was held back can become no marker. */
  end(): void {
    if (this.heldHalf !== '') this.readWhole('\uFFFD');
    this.heldHalf = '';
    const rest = this.held;
    this.held = '';
    if (this.phase === 'call') this.endCall();
    else if (this.phase === 'reasoning') this.pass('reasoning', rest.trimEnd());
    else if (this.phase === 'beginning') this.pass('content', rest);
    else if (this.phase === 'content' && !(this.startedCalls > 0 && rest.trim() === '')) this.pass('content', rest);
  }

  private readWhole(text: string): void {
    let rest: string | undefined = text;
    while (rest !== undefined && rest !== '') rest = this.readPhase(rest);
  }

  /** Reads in the current phase; what comes back is to be read in the next one. */
  private readPhase(text: string): string | undefined {
    switch (this.phase) {
      case 'beginning':
        return this.readBeginning(text);
      case 'reasoning':
        return this.readReasoning(text);
      case 'before-reasoning':
        return this.skipSpace(text, 'reasoning');
      case 'after-reasoning':
        return this.skipSpace(text, 'content');
      case 'content':
        return this.readContent(text);
      case 'call':
        return this.readCall(text);
      case 'complete':
        return undefined;
    }
  }

  private readBeginning(text: string): string | undefined {
    this.held += text;
    const space = leadingSpace(this.held);
    const start = space === undefined ? this.held : this.held.slice(space);
    if (start.length < REASONING_BEGINS.length && REASONING_BEGINS.startsWith(start)) return undefined;
    const whole = this.held;
    this.held = '';
    this.hasReasoned = space !== undefined && start.startsWith(REASONING_BEGINS);
    this.phase = this.hasReasoned ? 'before-reasoning' : 'content';
    return this.hasReasoned ? start.slice(REASONING_BEGINS.length) : whole;
  }

  private readReasoning(text: string): string | undefined {
    const found = this.passUntil(REASONING_ENDS, 'reasoning', text);
    if (found === undefined) return undefined;
    this.phase = 'after-reasoning';
    return found.rest;
  }

  private skipSpace(text: string, next: Phase): string {
    const rest = text.trimStart();
    if (rest !== '') this.phase = next;
    return rest;
  }

  private readContent(text: string): string | undefined {
    if (this.tools === undefined) {
      this.pass('content', text);
      return undefined;
    }
    const found = this.passUntil(CALL_BEGINS, 'content', text);
    if (found === undefined) return undefined;
    this.gap = found.gap;
    this.call = new ToolCallReader({ index: this.startedCalls, tools: this.tools }, this.callParts());
    this.phase = 'call';
    return found.rest;
  }

  private readCall(text: string): string | undefined {
    const end = this.call?.read(text);
    if (end === undefined) return undefined;
    this.phase = this.startedCalls > 0 && this.tools?.parallel === false ? 'complete' : 'content';
    if (end.refused !== '') this.pass('content', this.gap + end.refused);
    return end.rest;
  }

  private endCall(): void {
    const refused = this.call?.end() ?? '';
    if (refused !== '') this.pass('content', this.gap + refused);
  }

  /** Passes text on up to the marker. White space before the marker does not belong to the text, so it waits. */
  private passUntil(
    marker: string,
    kind: 'reasoning' | 'content',
    text: string,
  ): { gap: string; rest: string } | undefined {
    const whole = this.held + text;
    const at = whole.indexOf(marker);
    if (at < 0) {
      const cut = whole.length - heldLength(whole, marker);
      this.pass(kind, whole.slice(0, cut));
      this.held = whole.slice(cut);
      return undefined;
    }
    const end = at - trailingSpace(whole.slice(0, at));
    this.pass(kind, whole.slice(0, end));
    this.held = '';
    return { gap: whole.slice(end, at), rest: whole.slice(at + marker.length) };
  }

  private pass(kind: 'reasoning' | 'content', text: string): void {
    if (text !== '') this.parts[kind](text);
  }

  private callParts(): AnswerParts {
    const { parts } = this;
    return {
      reasoning: (text) => parts.reasoning(text),
      content: (text) => parts.content(text),
      callStarted: (call) => {
        this.startedCalls += 1;
        parts.callStarted(call);
      },
      callArguments: (index, json) => parts.callArguments(index, json),
    };
  }
}

function isFirstHalf(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}
