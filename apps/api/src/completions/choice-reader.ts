import type { FinishReason } from '@millrace/contracts/openai';
import type { TokenLogprob } from '@millrace/contracts/runner-protocol';
import { AnswerReader, type AnswerParts, type OfferedTools } from '@millrace/domain/answer-parts';
import type { AnswerPiece } from '../queueing/owned-job.js';

/** Hears the parts of one choice; log probabilities come with the content that they belong to. */
export interface ChoiceParts extends Pick<AnswerParts, 'reasoning' | 'callStarted' | 'callArguments'> {
  content(text: string, logprobs: readonly TokenLogprob[]): void;
}

const none: readonly TokenLogprob[] = [];

/** Reads the pieces of one choice's answer into its parts, and counts what was reasoning. */
export class ChoiceReader {
  private readonly reader: AnswerReader;
  private tokens = 0;
  private tokensOfReasoning = 0;
  /** Of tokens whose text has not been told yet. */
  private logprobs: TokenLogprob[] = [];

  constructor(parts: ChoiceParts, tools: OfferedTools | undefined) {
    this.reader = new AnswerReader(
      {
        content: (text) => parts.content(text, this.takeLogprobs()),
        reasoning: (text) => {
          this.takeLogprobs();
          parts.reasoning(text);
        },
        callStarted: (call) => {
          this.takeLogprobs();
          parts.callStarted(call);
        },
        callArguments: (index, json) => {
          this.takeLogprobs();
          parts.callArguments(index, json);
        },
      },
      tools,
    );
  }

  get reasoningTokens(): number {
    return this.tokensOfReasoning;
  }

  read({ tokenIds, text, logprobs }: AnswerPiece): void {
    if (logprobs.length > 0) this.logprobs.push(...logprobs);
    this.tokens += tokenIds.length;
    const hadEnded = this.reader.reasoning === 'closed';
    this.reader.read(text);
    if (!hadEnded && this.reader.reasoning !== 'none') this.tokensOfReasoning = this.tokens;
  }

  /** The answer is complete. Why it ended, in the caller's words. */
  finish(reason: FinishReason): FinishReason {
    this.reader.end();
    return reason === 'stop' && this.reader.calls > 0 ? 'tool_calls' : reason;
  }

  private takeLogprobs(): readonly TokenLogprob[] {
    if (this.logprobs.length === 0) return none;
    const taken = this.logprobs;
    this.logprobs = [];
    return taken;
  }
}
