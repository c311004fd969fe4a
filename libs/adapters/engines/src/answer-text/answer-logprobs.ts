import type { TokenLogprob } from '../engine-driver.js';

/** Log probabilities of the tokens that might have come, the likeliest first. */
type Odds = ReadonlyMap<number, number>;

/** What OpenAI gives for a token that is not among the likeliest: very unlikely. */
const VERY_UNLIKELY = -9999;

/**
 * The log probabilities of one answer, handed out with the text that their tokens complete: what a stop string cuts off
 * is left out, and so is what earlier attempts delivered.
 */
export class AnswerLogprobs {
  /**
   * Tokens whose text was not handed out yet, in order, with the bytes of the answer up to the end of that text: tokens
   * that share a character are handed out together.
   */
  private readonly waiting: { logprob: TokenLogprob; endByte: number }[] = [];
  /** Tokens that share an unfinished character, and their text so far. */
  private open: { id: number; odds: Odds }[] = [];
  private openText = '';
  /** Bytes of the answer up to the last whole character that ends a token. */
  private endByte = 0;
  /** Bytes of the answer that the caller has. */
  private shownBytes: number;

  constructor(private readonly options: { top: number; deliveredBytes: number; bytes: (id: number) => Uint8Array }) {
    this.shownBytes = options.deliveredBytes;
  }

  /** One more id of the answer, what it added to the text, and whether that ends with a whole character. */
  push(step: { id: number; odds: Odds }, piece: string, isWhole: boolean): void {
    this.open.push(step);
    this.openText += piece;
    if (!isWhole) return;
    this.endByte += Buffer.byteLength(this.openText);
    const bytes = this.shareBytes();
    for (const [index, { id, odds }] of this.open.entries()) this.add(bytes[index] ?? new Uint8Array(), { id, odds });
    this.open = [];
    this.openText = '';
  }

  /** The log probabilities that go with this new text of the answer. */
  take(text: string): TokenLogprob[] {
    this.shownBytes += Buffer.byteLength(text);
    const count = this.waiting.findIndex(({ endByte }) => endByte > this.shownBytes);
    return this.waiting.splice(0, count < 0 ? this.waiting.length : count).map(({ logprob }) => logprob);
  }

  /** The bytes of each open token. They join to the text, so where the vocabulary says otherwise the text is right. */
  private shareBytes(): Uint8Array[] {
    const text = Buffer.from(this.openText);
    const own = this.open.map(({ id }) => this.options.bytes(id));
    if (Buffer.concat(own).equals(text)) return own;
    return this.open.map((_, index) => (index === this.open.length - 1 ? text : new Uint8Array()));
  }

  /** A token without text, like a control token, has no place in what joins to the text. */
  private add(token: Uint8Array, { id, odds }: { id: number; odds: Odds }): void {
    if (token.length === 0 || this.endByte <= this.options.deliveredBytes) return;
    const top = [...odds].slice(0, this.options.top);
    const logprob = {
      token,
      logprob: odds.get(id) ?? VERY_UNLIKELY,
      top: top.map(([other, value]) => ({ token: this.options.bytes(other), logprob: value })),
    };
    this.waiting.push({ logprob, endByte: this.endByte });
  }
}
