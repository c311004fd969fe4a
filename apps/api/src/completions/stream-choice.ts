import type { FinishReason } from '@millrace/contracts/openai';
import type { TokenLogprob } from '@millrace/contracts/runner-protocol';
import type { AnswerPiece } from '../queueing/owned-job.js';
import type { AnswerForm } from './answer-form.js';
import { ChoiceReader, type ChoiceParts } from './choice-reader.js';
import { logprobOnWire } from './token-logprobs.js';

/** What every chunk of one stream begins and ends with. */
export interface ChunkFrame {
  head: string;
  tail: string;
}

type Gathered = { kind: 'content' | 'reasoning' } | { kind: 'arguments'; index: number };

/** Writes the events of one choice of a stream: as few as its pieces need, one for each kind of part in a row. */
export class StreamChoice implements ChoiceParts {
  private readonly reader: ChoiceReader;
  private readonly head: string;
  private events = '';
  private gathered: Gathered = { kind: 'content' };
  private text = '';
  private logprobs: TokenLogprob[] = [];

  constructor(
    private readonly frame: ChunkFrame,
    private readonly form: AnswerForm,
    index: number,
  ) {
    this.head = `${frame.head}{"index":${String(index)},"delta":`;
    this.reader = new ChoiceReader(this, form.tools[index]);
  }

  get reasoningTokens(): number {
    return this.reader.reasoningTokens;
  }

  /** The one chunk that names the role. */
  first(): string {
    return this.chunk('{"role":"assistant","content":"","refusal":null}');
  }

  /** Empty while nothing of the pieces is ready to go. */
  encode(pieces: readonly AnswerPiece[]): string {
    for (const piece of pieces) this.reader.read(piece);
    return this.takeEvents();
  }

  /** What was held back, and the finishing chunk with an empty delta. */
  finish(reason: FinishReason): string {
    const finishReason = this.reader.finish(reason);
    const written = this.form.asFunctions && finishReason === 'tool_calls' ? 'function_call' : finishReason;
    return this.takeEvents() + this.chunk('{}', `"${written}"`);
  }

  content(text: string, logprobs: readonly TokenLogprob[]): void {
    if (this.gathered.kind !== 'content') this.turnTo({ kind: 'content' });
    this.text += text;
    if (logprobs.length > 0) this.logprobs.push(...logprobs);
  }

  reasoning(text: string): void {
    if (this.gathered.kind !== 'reasoning') this.turnTo({ kind: 'reasoning' });
    this.text += text;
  }

  callStarted({ index, id, name }: { index: number; id: string; name: string }): void {
    this.turnTo({ kind: 'arguments', index });
    const called = { name, arguments: '' };
    const call = { index, id, type: 'function', function: called };
    const delta = this.form.asFunctions ? { function_call: called } : { tool_calls: [call] };
    this.events += this.chunk(JSON.stringify(delta));
  }

  callArguments(_index: number, json: string): void {
    this.text += json;
  }

  private takeEvents(): string {
    this.writeGathered();
    const { events } = this;
    this.events = '';
    return events;
  }

  private turnTo(next: Gathered): void {
    this.writeGathered();
    this.gathered = next;
  }

  private writeGathered(): void {
    if (this.text === '') return;
    const text = quote(this.text);
    this.text = '';
    switch (this.gathered.kind) {
      case 'content':
        this.events += this.chunk(`{"content":${text}}`, 'null', this.takeLogprobs());
        return;
      case 'reasoning':
        this.events += this.chunk(`{"reasoning_content":${text}}`);
        return;
      case 'arguments': {
        const called = `{"arguments":${text}}`;
        const call = `{"tool_calls":[{"index":${String(this.gathered.index)},"function":${called}}]}`;
        this.events += this.chunk(this.form.asFunctions ? `{"function_call":${called}}` : call);
        return;
      }
    }
  }

  private takeLogprobs(): string {
    if (!this.form.logprobs) return 'null';
    const content = this.logprobs.map(logprobOnWire);
    this.logprobs = [];
    return quoteLineEnds(JSON.stringify({ content, refusal: null }));
  }

  private chunk(delta: string, finish = 'null', logprobs = 'null'): string {
    return `${this.head}${delta},"logprobs":${logprobs},"finish_reason":${finish}}${this.frame.tail}`;
  }
}

/** Some clients take these for line ends; JSON may hold them plain. */
const unicodeLineEnds = /[\u0085\u2028\u2029]/;

function quote(text: string): string {
  return quoteLineEnds(JSON.stringify(text));
}

function quoteLineEnds(json: string): string {
  if (!unicodeLineEnds.test(json)) return json;
  return json.replace(/[\u0085\u2028\u2029]/g, (end) => `\\u${end.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
