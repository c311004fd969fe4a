import type { ProvokedFailure } from '@millrace/domain/models';
import type { PromptMessage } from '../engine-driver.js';

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
