import type { GenerateRequest } from '../engine-driver.js';

/** Longer than any token of the vocabularies in use, whose longest are runs of spaces or dashes. */
const MOST_BYTES_PER_TOKEN = 256;

/**
 * A lower bound of the prompt's tokens, without rendering it: rendering and tokenizing 20 MB takes the engine seconds
 * in which it serves nobody else, so what cannot fit is refused by this first. Every message costs one token at least.
 */
export function leastPromptTokens(messages: GenerateRequest['messages']): number {
  const bytes = messages.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0);
  return Math.max(messages.length, Math.ceil(bytes / MOST_BYTES_PER_TOKEN));
}
