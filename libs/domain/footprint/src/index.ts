/** How many bytes of a device does a replica need, and how sure is that? */
export {
  marginOf,
  neededBytes,
  predictedBytes,
  signedError,
  withMargin,
  type Footprint,
  type FootprintBasis,
  type FootprintBreakdown,
  type FootprintTier,
  type Margin,
} from './footprint.js';
export { bytesOf, isValueType, tensorBytes, type ValueType } from './quantisation.js';
export { shapeOfGguf } from './shape/gguf-shape.js';
export type { GgufFacts, GgufTensor } from './shape/gguf-facts.js';
export type { CacheShape, LayerShape, ModelShape } from './shape/model-shape.js';
export { totalOf, type DeviceBytes } from './memory/device-bytes.js';
export { deviceFootprints, hostFootprint, type LlamaCppSettings } from './memory/llama-cpp-footprint.js';
export { shapeOfConfig, type ConfigWeights } from './config/config-shape.js';
export type { ModelConfig } from './config/config-facts.js';
export { quantisationNamed } from './config/tensor-types.js';
export { cacheTokens, utilisationFor, vllmFootprint, type VllmSettings } from './memory/vllm-footprint.js';
export { publishedModel, type PublishedModel } from './published/published-models.js';
export { answerCase, type CaseAnswer } from './calculator/answer-case.js';
export { FootprintCaseError, readCase, type FootprintCase } from './calculator/footprint-case.js';
export { caseErrors, type CaseError, type KnownCase } from './calculator/case-errors.js';
