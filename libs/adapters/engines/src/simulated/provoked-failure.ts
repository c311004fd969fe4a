import { z } from 'zod';
import type { PromptMessage } from '../engine-driver.js';

/**
 * How an answer goes wrong on purpose, right after so many tokens of it were sent, those of earlier attempts counted
 * (0: before the first). crash: the process dies. hang: the process stops. stall: only this answer gets no further
 * token. fail: only this answer ends, with `engine_error`.
 */
export const provokedFailureSchema = z.strictObject({
  kind: z.enum(['crash', 'hang', 'stall', 'fail']),
  afterTokens: z.int().min(0),
});

export type ProvokedFailure = z.infer<typeof provokedFailureSchema>;

const DIRECTIVE = /\s*\[simulated: (crash|hang|stall|fail) after (\d+) tokens\]/;

/**
 * Finds `[simulated: crash after 5 tokens]` in the last message, and gives the messages without it: they are answered
 * with the same text as messages that never held it.
 */
export function provokedFailure(messages: readonly PromptMessage[]): {
  failure: ProvokedFailure | undefined;
  messages: readonly PromptMessage[];
} {
  const last = messages.at(-1);
  const match = last?.content.includes('[simulated:') === true ? DIRECTIVE.exec(last.content) : null;
  if (last === undefined || match === null) return { failure: undefined, messages };
  const failure = { kind: match[1] as ProvokedFailure['kind'], afterTokens: Number(match[2]) };
  const content = last.content.replace(DIRECTIVE, '');
  return { failure, messages: [...messages.slice(0, -1), { ...last, content }] };
}
