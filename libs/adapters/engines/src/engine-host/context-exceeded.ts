import { contextExceededMessage } from '@millrace/domain/prompt-size';
import { EngineError } from '../engine-driver.js';

/** A prompt that leaves no room for an answer; `tokens` may be a bound ("at least 9000"). */
export function contextExceeded(contextLength: number, tokens: string): EngineError {
  return new EngineError('context_length_exceeded', contextExceededMessage(contextLength, tokens));
}
