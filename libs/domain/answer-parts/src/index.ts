/** Which of a model's growing text is reasoning, content for the caller, or a call of a tool? */
export type { AnswerParts } from './answer-parts.js';
export { AnswerReader } from './answer-reader.js';
export type { OfferedTools } from './tool-call-reader.js';
