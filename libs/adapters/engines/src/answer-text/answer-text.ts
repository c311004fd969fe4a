import { StopMatcher } from './stop-matcher.js';
import type { Released } from './stop-matcher.js';
import { TokenText } from './token-text.js';
import type { Detokenize } from './token-text.js';

/**
 * The text of one answer, as it grows by token ids.
 * The ids of earlier attempts are pushed like any others; text that the caller has is left out.
 */
export class AnswerText {
  private readonly tokens: TokenText;
  private readonly stops: StopMatcher;
  /** UTF-8 bytes at the beginning of the text that were delivered before. */
  private skipBytes: number;

  constructor(options: { detokenize: Detokenize; stop: readonly string[]; deliveredBytes: number }) {
    this.tokens = new TokenText(options.detokenize);
    this.stops = new StopMatcher(options.stop);
    this.skipBytes = options.deliveredBytes;
  }

  /** New text after one more id. After `stopped` there is no more. */
  push(id: number): Released {
    const { text, stopped } = this.stops.push(this.tokens.push(id));
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
