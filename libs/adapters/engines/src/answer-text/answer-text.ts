import { StopMatcher } from './stop-matcher.js';
import type { Released } from './stop-matcher.js';
import { TokenText } from './token-text.js';
import type { Detokenize } from './token-text.js';

export interface AnswerTextOptions {
  detokenize: Detokenize;
  stop: readonly string[];
  /** Words that end the answer as stop strings do, but belong to it. */
  lastWords?: readonly string[];
  /** UTF-8 bytes of the text that the caller has. */
  deliveredBytes: number;
  /** Hears what each id added to the text before stop strings are looked for; `isWhole` if no character is unfinished. */
  onPiece?: (id: number, piece: string, isWhole: boolean) => void;
}

/**
 * The text of one answer, as it grows by token ids.
 * The ids of earlier attempts are pushed like any others; text that the caller has is left out.
 */
export class AnswerText {
  private readonly tokens: TokenText;
  private readonly stops: StopMatcher;
  /** UTF-8 bytes at the beginning of the text that were delivered before. */
  private skipBytes: number;

  constructor(private readonly options: AnswerTextOptions) {
    this.tokens = new TokenText(options.detokenize);
    this.stops = new StopMatcher(options.stop, options.lastWords);
    this.skipBytes = options.deliveredBytes;
  }

  /** New text after one more id. After `stopped` there is no more. */
  push(id: number): Released {
    const piece = this.tokens.push(id);
    this.options.onPiece?.(id, piece, this.tokens.isWhole);
    const { text, stopped } = this.stops.push(piece);
    return { text: this.undelivered(text), stopped };
  }

  /** The rest of the text when the answer ends without a stop string. An unfinished character is dropped. */
  flush(): string {
    return this.undelivered(this.stops.flush());
  }

  private undelivered(text: string): string {
    if (this.skipBytes === 0 || text === '') return text;
    const bytes = Buffer.from(text, 'utf8');
    const skipped = Math.min(this.skipBytes, bytes.length);
    this.skipBytes -= skipped;
    return bytes.subarray(skipped).toString('utf8');
  }
}
