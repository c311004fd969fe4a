import type { FinishReason } from '@millrace/contracts/openai';
import type { AnswerPiece } from '../queueing/owned-job.js';
import { DONE_EVENT, usageOnWire, type ChatIdentity, type ChatUsage } from './chat-response.js';

/**
 * Writes the events of one streamed answer; what they share is prepared once, so that a chunk costs one JSON string.
 * Order: first, then of each choice any number of pieces and its finish, end. Owner of what a choice holds back.
 */
export class StreamEncoder {
  private readonly head: string;
  private readonly tail: string;
  /** By choice, the first half of a surrogate pair whose second half is still to come. */
  private readonly held: string[];

  constructor(
    identity: ChatIdentity,
    private readonly options: { choices: number; includeUsage: boolean },
  ) {
    const { id, model } = identity;
    const created = Math.floor(identity.createdAtMs / 1_000);
    const shared = JSON.stringify({ id, object: 'chat.completion.chunk', created, model });
    this.head = `data: ${shared.slice(0, -1)},"choices":[`;
    this.tail = options.includeUsage ? '],"usage":null}\n\n' : ']}\n\n';
    this.held = Array<string>(options.choices).fill('');
  }

  /** The one chunk of each choice that names the role. */
  first(): string {
    return this.held
      .map((_, choice) => this.chunk(choice, '{"role":"assistant","content":"","refusal":null}'))
      .join('');
  }

  /** The next pieces of a choice in as few events as they need; empty while nothing of them is ready to go. */
  encode(choice: number, pieces: readonly AnswerPiece[]): string {
    let text = this.held[choice] ?? '';
    for (const piece of pieces) text += piece.text;
    const cut = isHighSurrogate(text.charCodeAt(text.length - 1)) ? text.length - 1 : text.length;
    this.held[choice] = text.slice(cut);
    return cut === 0 ? '' : this.content(choice, text.slice(0, cut));
  }

  /** The finishing chunk of a choice, with an empty delta; a character that was never completed goes before it. */
  finish(choice: number, reason: FinishReason): string {
    const rest = this.held[choice] === '' ? '' : this.content(choice, '\uFFFD');
    this.held[choice] = '';
    return rest + this.chunk(choice, '{}', `"${reason}"`);
  }

  /** The usage chunk, where the caller asked for it, and [DONE]. */
  end(usage: ChatUsage): string {
    if (!this.options.includeUsage) return DONE_EVENT;
    return `${this.head}],"usage":${JSON.stringify(usageOnWire(usage))}}\n\n${DONE_EVENT}`;
  }

  private content(choice: number, text: string): string {
    return this.chunk(choice, `{"content":${quote(text)}}`);
  }

  private chunk(choice: number, delta: string, finish = 'null'): string {
    const index = String(choice);
    return `${this.head}{"index":${index},"delta":${delta},"logprobs":null,"finish_reason":${finish}}${this.tail}`;
  }
}

/** Some clients take these for line ends; JSON may hold them plain. */
const unicodeLineEnds = /[\u0085\u2028\u2029]/;

function quote(text: string): string {
  const json = JSON.stringify(text);
  if (!unicodeLineEnds.test(json)) return json;
  return json.replace(/[\u0085\u2028\u2029]/g, (end) => `\\u${end.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}
