import type { ChatCompletion, ChatCompletionChoice, CompletionUsage, ErrorEnvelope } from '@millrace/contracts/openai';

/** What every part of one answer repeats. */
export interface ChatIdentity {
  id: string;
  createdAtMs: number;
  model: string;
}

/** Tokens as the model's tokenizer counts them. */
export interface ChatUsage {
  promptTokens: number;
  /** Of the prompt tokens, those that were in the replica's cache. */
  cachedTokens: number;
  completionTokens: number;
  /** Of the completion tokens, those of reasoning. */
  reasoningTokens: number;
}

/** The plain answer. */
export function chatCompletion(
  identity: ChatIdentity,
  choices: ChatCompletionChoice[],
  usage: ChatUsage,
): ChatCompletion {
  return {
    id: identity.id,
    object: 'chat.completion',
    created: Math.floor(identity.createdAtMs / 1_000),
    model: identity.model,
    choices,
    usage: usageOnWire(usage),
  };
}

/** The counts as every answer carries them. */
export function usageOnWire(usage: ChatUsage): CompletionUsage {
  return {
    prompt_tokens: usage.promptTokens,
    completion_tokens: usage.completionTokens,
    total_tokens: usage.promptTokens + usage.completionTokens,
    prompt_tokens_details: { cached_tokens: usage.cachedTokens },
    completion_tokens_details: { reasoning_tokens: usage.reasoningTokens },
  };
}

/** The last event of a stream that ended well. */
export const DONE_EVENT = 'data: [DONE]\n\n';

/** The last event of a stream that failed after its headers had gone out. */
export function errorEvent(envelope: ErrorEnvelope): string {
  return `data: ${JSON.stringify(envelope)}\n\n`;
}

/** A comment that keeps a waiting caller informed, as far as anything is known; clients ignore it. */
export function queuedComment({ position, etaMs }: { position?: number; etaMs?: number }): string {
  const words = [': queued'];
  if (position !== undefined) words.push(`position=${String(position)}`);
  if (etaMs !== undefined) words.push(`eta=${(etaMs / 1_000).toFixed(1)}s`);
  return `${words.join(' ')}\n\n`;
}
