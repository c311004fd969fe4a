/** What do OpenAI clients send and expect back? The names on the wire live here and nowhere else. */
export { type ChatMessage, type ChatRole } from './chat-message.js';
export { parseChatRequest, type ChatRequest, type ParsedChatRequest } from './parse-chat-request.js';
export { openAiError, type ErrorEnvelope, type OpenAiError } from './error-envelope.js';
export type { ParameterError } from './parameter-error.js';
export type { ChatCompletion, CompletionUsage, FinishReason, Model, ModelList } from './responses.js';
export { publishedSchema, type PublishedAnswer } from './published-schema.js';
