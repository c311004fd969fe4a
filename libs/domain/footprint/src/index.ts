/** How many bytes of a device does a replica need, and how sure is that? */
export {
  marginOf,
  neededBytes,
  predictedBytes,
  signedError,
  sumOf,
  withMargin,
  type EstimateBasis,
  type Footprint,
  type FootprintBasis,
  type FootprintBreakdown,
  type Margin,
} from './footprint.js';
export { learnedFootprint, type Lesson } from './learned-footprint.js';
export { tensorBytes } from './quantisation.js';
export { shapeOfGguf } from './shape/gguf-shape.js';
export type { GgufFacts, GgufTensor } from './shape/gguf-facts.js';
export type { ModelShape } from './shape/model-shape.js';
export { totalOf, type DeviceBytes } from './memory/device-bytes.js';
export { deviceFootprints, hostFootprint, type LlamaCppSettings } from './memory/llama-cpp-footprint.js';
export { answerCase } from './calculator/answer-case.js';
export { readCase, type FootprintCase } from './calculator/footprint-case.js';
export { caseErrors, type CaseError, type KnownCase } from './calculator/case-errors.js';
