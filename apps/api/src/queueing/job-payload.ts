import type { ChatMessage, ChatRequest, ResponseFormat, ToolUse } from '@millrace/contracts/openai';
import {
  OutputKind,
  type ChatMessage as MessageOnWire,
  type OutputFormat,
  type ToolUse as ToolUseOnWire,
} from '@millrace/contracts/runner-protocol';
import type { JobSpec } from './owned-job.js';

/** The most a payload can say; no context holds as many, so a caller's larger limit means the same. */
export const MOST_TOKENS = 2 ** 32 - 1;

/**
 * What a replica needs to generate each choice of the answer. Choices differ in their seed only and share the rest: a
 * prompt or a schema can be as long as a body. `renderedAtMs` is the time that the prompt sees.
 */
export function jobPayloads(request: ChatRequest, renderedAtMs: number): JobSpec['payload'][] {
  const { temperature, topP, presencePenalty, frequencyPenalty, logitBias, topLogprobs, toolUse } = request;
  const sampling = { temperature, topP, presencePenalty, frequencyPenalty, logitBias: { ...logitBias } };
  const shared = {
    messages: request.messages.map(messageOnWire),
    maxCompletionTokens: Math.min(MOST_TOKENS, request.maxCompletionTokens ?? 0),
    stop: request.stop,
    renderedAtMs,
    toolUse: toolUse && toolUseOnWire(toolUse),
    outputFormat: formatOnWire(request.responseFormat),
    topLogprobs,
  };
  return Array.from({ length: request.choices }, (_, choice) => ({
    ...shared,
    sampling: { ...sampling, seed: seedOf(request.seed, choice) },
  }));
}

/** Each choice has a seed of its own, so that choices differ and every one can be reproduced. */
function seedOf(seed: number | undefined, choice: number): number | undefined {
  if (seed === undefined) return undefined;
  return Number.isSafeInteger(seed + choice) ? seed + choice : seed - choice;
}

function messageOnWire({ role, text, name = '', toolCallId = '', toolCalls = [] }: ChatMessage): MessageOnWire {
  return { role, content: text, name, toolCallId, toolCalls };
}

function toolUseOnWire({ tools, required, only = '', parallel }: ToolUse): ToolUseOnWire {
  return {
    tools: tools.map(({ name, description = '', parameters }) => ({
      name,
      description,
      parameters: parameters === undefined ? '' : JSON.stringify(parameters),
    })),
    required,
    only,
    parallel,
  };
}

function formatOnWire(format: ResponseFormat | undefined): OutputFormat | undefined {
  switch (format?.type) {
    case undefined:
      return undefined;
    case 'json_object':
      return { kind: OutputKind.OUTPUT_KIND_JSON_OBJECT, schema: '' };
    case 'json_schema':
      return { kind: OutputKind.OUTPUT_KIND_JSON_SCHEMA, schema: JSON.stringify(format.schema) };
  }
}
