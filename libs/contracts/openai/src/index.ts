/** What do OpenAI clients send and expect back? The names on the wire live here and nowhere else. */
export {
  parseChatRequest,
  withDefaults,
  type AskedChat,
  type ChatRequest,
  type Profile,
} from './parse-chat-request.js';
export { samplingBounds, samplingOnWire, type SamplingName, type SamplingParameters } from './sampling-parameters.js';
export type { ChatMessage } from './chat-message.js';
export type { ResponseFormat } from './response-format.js';
export type { ToolUse } from './tool-use.js';
export { errorEnvelopeSchema, openAiError, type ErrorEnvelope, type OpenAiError } from './error-envelope.js';
export type { ParameterError } from './parameter-error.js';
export type {
  ChatCompletion,
  ChatCompletionChoice,
  CompletionUsage,
  FinishReason,
  MessageToolCall,
  Model,
  ModelList,
  TokenLogprobOnWire,
} from './responses.js';
export { publishedSchema } from './published-schema.js';
