/** How does a runner estimate, load and run a model, whatever engine it is made for? */
export { EngineError } from './engine-driver.js';
export type {
  Continuation,
  EngineDriver,
  EngineErrorCode,
  EngineReplica,
  FootprintBreakdown,
  GenerateEvent,
  GenerateRequest,
  GenerateUsage,
  ReplicaSettings,
} from './engine-driver.js';
export { createLlamaCppDriver } from './llama-cpp/llama-cpp-driver.js';
export type { LlamaCppDriverOptions } from './llama-cpp/llama-cpp-driver.js';
