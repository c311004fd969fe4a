/**
 * Text of `ids`, spaced as it follows `before`.
 * Bytes that are not whole characters become U+FFFD, one for each unfinished or broken character.
 */
export type Detokenize = (ids: readonly number[], before: readonly number[]) => string;

const UNFINISHED = '\uFFFD';
/** Enough for the spacing rules of every tokenizer, some of which look past special tokens. */
const IDS_BEFORE = 8;

/** Turns token ids into text, one id after the other, and never gives out a part of a character. */
export class TokenText {
  /** Ids whose text ends in an unfinished character. */
  private readonly open: number[] = [];
  /** UTF-16 units of the open ids' text that were given out. */
  private given = 0;
  private readonly before: number[] = [];

  constructor(private readonly detokenize: Detokenize) {}

  /** The whole characters that this id completes; often one piece of text, sometimes none. */
  push(id: number): string {
    this.open.push(id);
    const text = this.detokenize(this.open, this.before);
    if (text.endsWith(UNFINISHED)) {
      // Only the last character can still be unfinished; what stands before it will not change.
      return this.giveOut(text.slice(0, -UNFINISHED.length));
    }
    const piece = this.giveOut(text);
    this.before.push(...this.open);
    this.before.splice(0, this.before.length - IDS_BEFORE);
    this.open.length = 0;
    this.given = 0;
    return piece;
  }

  /** Whether all ids so far end at the end of a character. */
  get isWhole(): boolean {
    return this.open.length === 0;
  }

  private giveOut(whole: string): string {
    const piece = whole.slice(this.given);
    this.given = Math.max(this.given, whole.length);
    return piece;
  }
}
