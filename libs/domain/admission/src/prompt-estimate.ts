/** What of a prompt is known before a tokenizer has seen it. */
export interface PromptSize {
  messages: number;
  /** Of the texts, tools included. */
  bytes: number;
}

/** Tokens that a chat template puts around each message, and around all of them. */
const TOKENS_A_MESSAGE = 8;
const TOKENS_A_PROMPT = 4;
/** Before anything was counted: somewhat more than the usual tokenizer needs for the usual text. */
const FIRST_TOKENS_A_BYTE = 1 / 3;
/** A tokenizer that falls back to single bytes. */
const MOST_TOKENS_A_BYTE = 1;
/** Texts of long words. */
const LEAST_TOKENS_A_BYTE = 1 / 6;
/** How much of a smaller count is taken over at once: what is held should rather be too much than too little. */
const EASING = 0.05;

/** What to hold for a prompt; `tokensPerByte` is what was learnt of the model. */
export function estimatePromptTokens({ messages, bytes }: PromptSize, tokensPerByte = FIRST_TOKENS_A_BYTE): number {
  return TOKENS_A_PROMPT + messages * TOKENS_A_MESSAGE + Math.ceil(bytes * tokensPerByte);
}

/** What a prompt takes at least, if its text is easy: a prompt is not called too large for a limit that this fits. */
export function fewestPromptTokens({ messages, bytes }: PromptSize): number {
  return messages + Math.ceil(bytes * LEAST_TOKENS_A_BYTE);
}

/** What is known of a model after one more prompt was counted: it follows text that needs more at once, and less slowly. */
export function learnTokensPerByte(known: number | undefined, prompt: PromptSize, countedTokens: number): number {
  const before = known ?? FIRST_TOKENS_A_BYTE;
  const around = TOKENS_A_PROMPT + prompt.messages * TOKENS_A_MESSAGE;
  if (prompt.bytes === 0) return before;
  const seen = Math.max(0, countedTokens - around) / prompt.bytes;
  const after = seen > before ? seen : before + (seen - before) * EASING;
  return Math.min(Math.max(after, LEAST_TOKENS_A_BYTE), MOST_TOKENS_A_BYTE);
}
