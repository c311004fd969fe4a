/** How does a runner estimate, load and run a model, whatever engine it is made for? */
export { EngineError } from './engine-driver.js';
export type {
  EngineDriver,
  EngineErrorCode,
  EngineReplica,
  FootprintBreakdown,
  GenerateEvent,
  GenerateRequest,
  GenerateUsage,
  KeepReplica,
  OutputFormat,
  PromptMessage,
  Sampling,
  TokenLogprob,
  ToolUse,
  ReplicaSettings,
} from './engine-driver.js';
export { endKeptEngine, findKeptEngines, prepareEngineFolder, type KeptEngine } from './engine-host/kept-engines.js';
export { createLlamaCppDriver } from './llama-cpp/llama-cpp-driver.js';
export { createSimulatedDriver } from './simulated/simulated-driver.js';
export { readGgufFacts } from './llama-cpp/read-gguf-facts.js';
