import type { FinishReason } from '@millrace/contracts/openai';
import type { AnswerPiece } from '../queueing/owned-job.js';
import type { AnswerForm } from './answer-form.js';
import { DONE_EVENT, usageOnWire, type ChatIdentity, type ChatUsage } from './chat-response.js';
import { StreamChoice } from './stream-choice.js';

/**
 * Writes the events of one streamed answer; what they share is prepared once, so that a chunk costs one JSON string.
 * Order: first, then of each choice any number of pieces and its finish, end.
 */
export class StreamEncoder {
  private readonly head: string;
  private readonly choices: StreamChoice[];

  constructor(
    identity: ChatIdentity,
    private readonly form: AnswerForm,
  ) {
    const { id, model } = identity;
    const created = Math.floor(identity.createdAtMs / 1_000);
    const shared = JSON.stringify({ id, object: 'chat.completion.chunk', created, model });
    this.head = `data: ${shared.slice(0, -1)},"choices":[`;
    const frame = { head: this.head, tail: form.includeUsage ? '],"usage":null}\n\n' : ']}\n\n' };
    this.choices = form.tools.map((_, index) => new StreamChoice(frame, form, index));
  }

  /** Tokens of each choice that were reasoning, so far. */
  get reasoningTokens(): number[] {
    return this.choices.map((choice) => choice.reasoningTokens);
  }

  /** The one chunk of each choice that names the role. */
  first(): string {
    return this.choices.map((choice) => choice.first()).join('');
  }

  /** The next pieces of a choice; empty while nothing of them is ready to go. */
  encode(choice: number, pieces: readonly AnswerPiece[]): string {
    return this.choices[choice]?.encode(pieces) ?? '';
  }

  /** What a choice has held back, and its finishing chunk, with an empty delta. */
  finish(choice: number, reason: FinishReason): string {
    return this.choices[choice]?.finish(reason) ?? '';
  }

  /** The usage chunk, where the caller asked for it, and [DONE]. */
  end(usage: Omit<ChatUsage, 'reasoningTokens'>): string {
    if (!this.form.includeUsage) return DONE_EVENT;
    const reasoningTokens = this.reasoningTokens.reduce((sum, tokens) => sum + tokens, 0);
    const counts = JSON.stringify(usageOnWire({ ...usage, reasoningTokens }));
    return `${this.head}],"usage":${counts}}\n\n${DONE_EVENT}`;
  }
}
