import type { ChatCompletionChoice, FinishReason, MessageToolCall } from '@millrace/contracts/openai';
import type { TokenLogprob } from '@millrace/contracts/runner-protocol';
import type { AnswerPiece } from '../queueing/owned-job.js';
import type { AnswerForm } from './answer-form.js';
import { ChoiceReader, type ChoiceParts } from './choice-reader.js';
import { logprobOnWire } from './token-logprobs.js';

/** Gathers one choice of an answer that is not streamed. */
export class WholeChoice implements ChoiceParts {
  private readonly reader: ChoiceReader;
  private text = '';
  private reasoningText = '';
  private readonly logprobs: TokenLogprob[] = [];
  private readonly calls: MessageToolCall[] = [];

  constructor(
    private readonly index: number,
    private readonly form: AnswerForm,
  ) {
    this.reader = new ChoiceReader(this, form.tools[index]);
  }

  get reasoningTokens(): number {
    return this.reader.reasoningTokens;
  }

  piece(piece: AnswerPiece): void {
    this.reader.read(piece);
  }

  finish(reason: FinishReason): ChatCompletionChoice {
    const finishReason = this.reader.finish(reason);
    return {
      index: this.index,
      message: this.message(),
      logprobs: this.form.logprobs ? { content: this.logprobs.map(logprobOnWire), refusal: null } : null,
      finish_reason: this.form.asFunctions && finishReason === 'tool_calls' ? 'function_call' : finishReason,
    };
  }

  content(text: string, logprobs: readonly TokenLogprob[]): void {
    this.text += text;
    this.logprobs.push(...logprobs);
  }

  reasoning(text: string): void {
    this.reasoningText += text;
  }

  callStarted({ id, name }: { id: string; name: string }): void {
    this.calls.push({ id, type: 'function', function: { name, arguments: '' } });
  }

  callArguments(index: number, json: string): void {
    const call = this.calls[index];
    if (call) call.function.arguments += json;
  }

  private message(): ChatCompletionChoice['message'] {
    const [first] = this.calls;
    return {
      role: 'assistant',
      content: first && this.text === '' ? null : this.text,
      refusal: null,
      ...(this.reasoningText !== '' && { reasoning_content: this.reasoningText }),
      ...(first && (this.form.asFunctions ? { function_call: first.function } : { tool_calls: this.calls })),
    };
  }
}
