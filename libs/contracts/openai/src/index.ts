/** What do OpenAI clients send and expect back? The names on the wire live here and nowhere else. */
export { parseChatRequest, type ChatRequest } from './parse-chat-request.js';
export { openAiError, type ErrorEnvelope, type OpenAiError } from './error-envelope.js';
export type { ParameterError } from './parameter-error.js';
export type { ChatCompletion, CompletionUsage, FinishReason, Model, ModelList } from './responses.js';
export { publishedSchema } from './published-schema.js';
