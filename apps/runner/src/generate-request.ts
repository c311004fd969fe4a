import type { GenerateRequest, OutputFormat, PromptMessage, Sampling, ToolUse } from '@millrace/adapters/engines';
import {
  OutputKind,
  type ChatMessage,
  type OutputFormat as FormatOnWire,
  type Payload,
  type Sampling as SamplingOnWire,
  type ToolUse as ToolUseOnWire,
} from '@millrace/contracts/runner-protocol';
import { z } from 'zod';

const jsonSchema = z.record(z.string(), z.unknown());

/** The payload of a claim in the words of the engine driver. */
export function generateRequest(payload: Payload): GenerateRequest {
  const { messages, sampling, maxCompletionTokens, stop, renderedAtMs, deliveredTokenIds, deliveredBytes } = payload;
  const { toolUse, outputFormat, topLogprobs } = payload;
  return {
    messages: messages.map(promptMessage),
    sampling: readSampling(sampling),
    ...(toolUse !== undefined && { toolUse: readToolUse(toolUse) }),
    ...(outputFormat !== undefined && { format: readFormat(outputFormat) }),
    ...(topLogprobs !== undefined && { topLogprobs }),
    ...(maxCompletionTokens > 0 && { maxCompletionTokens }),
    stop,
    renderedAtMs,
    deliveredTokenIds,
    deliveredBytes,
  };
}

function promptMessage({ role, content, name, toolCallId, toolCalls }: ChatMessage): PromptMessage {
  return {
    role,
    content,
    ...(name !== '' && { name }),
    ...(toolCallId !== '' && { toolCallId }),
    ...(toolCalls.length > 0 && { toolCalls }),
  };
}

function readSampling(sampling: SamplingOnWire | undefined): Sampling {
  const { temperature = 1, topP = 1, seed, presencePenalty = 0, frequencyPenalty = 0, logitBias } = sampling ?? {};
  return {
    temperature,
    topP,
    ...(seed !== undefined && { seed }),
    ...(presencePenalty !== 0 && { presencePenalty }),
    ...(frequencyPenalty !== 0 && { frequencyPenalty }),
    ...(logitBias !== undefined && Object.keys(logitBias).length > 0 && { logitBias }),
  };
}

function readToolUse({ tools, required, only, parallel }: ToolUseOnWire): ToolUse {
  return {
    tools: tools.map(({ name, description, parameters }) => ({
      name,
      ...(description !== '' && { description }),
      ...(parameters !== '' && { parameters: jsonSchema.parse(JSON.parse(parameters)) }),
    })),
    choice: required ? 'required' : 'auto',
    ...(only !== '' && { only }),
    parallel,
  };
}

function readFormat({ kind, schema }: FormatOnWire): OutputFormat {
  switch (kind) {
    case OutputKind.OUTPUT_KIND_JSON_OBJECT:
      return { kind: 'json_object' };
    case OutputKind.OUTPUT_KIND_JSON_SCHEMA:
      return { kind: 'json_schema', schema: jsonSchema.parse(JSON.parse(schema)) };
    case OutputKind.OUTPUT_KIND_UNSPECIFIED:
    case OutputKind.UNRECOGNIZED:
      return { kind: 'text' };
  }
}
