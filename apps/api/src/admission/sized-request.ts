import type { SizedRequest } from '@millrace/domain/admission';
import type { ChatCall } from '../completions/complete-chat-port.js';
import { estimatePromptTokens } from '../queueing/job-spec.js';

/** What of a call decides how many tokens it may use. */
export function sizedRequest(call: ChatCall): SizedRequest {
  const { maxCompletionTokens = 0, choices } = call.request;
  const { contextLength } = call.deployment;
  return {
    promptTokens: estimatePromptTokens(call),
    choices,
    // A lenient 0 asks for nothing.
    ...(maxCompletionTokens > 0 && { answerTokens: maxCompletionTokens }),
    ...(contextLength !== undefined && { contextLength }),
  };
}
