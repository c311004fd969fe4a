import type { GenerateRequest } from '@millrace/adapters/engines';
import type { Payload } from '@millrace/contracts/runner-protocol';

/** The payload of a claim in the words of the engine driver. */
export function generateRequest(payload: Payload): GenerateRequest {
  const { messages, sampling, maxCompletionTokens, stop, renderedAtMs, deliveredTokenIds, deliveredBytes } = payload;
  const { temperature = 1, topP = 1, seed } = sampling ?? {};
  return {
    messages,
    sampling: { temperature, topP, ...(seed !== undefined && { seed }) },
    ...(maxCompletionTokens > 0 && { maxCompletionTokens }),
    stop,
    renderedAtMs,
    deliveredTokenIds,
    deliveredBytes,
  };
}
