import { EngineError } from '../engine-driver.js';

/** A prompt that leaves no room for an answer, as OpenAI words it; `tokens` may be a bound ("at least 9000"). */
export function contextExceeded(contextLength: number, tokens: string): EngineError {
  return new EngineError(
    'context_length_exceeded',
    `This model's maximum context length is ${String(contextLength)} tokens. However, your messages resulted in ${tokens} tokens. Please reduce the length of the messages.`,
  );
}
