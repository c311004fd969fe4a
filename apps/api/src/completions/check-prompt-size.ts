import { contextExceededMessage, leastPromptTokens } from '@millrace/domain/prompt-size';
import { ApiError } from '../http/api-error.js';
import type { ChatCall } from './complete-chat-port.js';

/**
 * Throws ApiError for a prompt that cannot fit by the least that its tokens can be, so that it is never sent to a
 * runner, once for each choice; only the runner counts what may fit.
 */
export function checkPromptSize({
  request,
  deployment: { contextLength },
}: Pick<ChatCall, 'request' | 'deployment'>): void {
  if (contextLength === undefined) return;
  const { toolUse } = request;
  const messages = request.messages.map(({ text, toolCalls }) => ({ content: text, toolCalls }));
  const leastTokens = leastPromptTokens({ messages, toolUse });
  if (leastTokens < contextLength) return;
  const message = contextExceededMessage(contextLength, `at least ${String(leastTokens)}`);
  throw new ApiError({ kind: 'context_length_exceeded', message });
}
