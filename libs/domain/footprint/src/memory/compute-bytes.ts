import type { ModelShape } from '../shape/model-shape.js';
import { cellsOf, type CacheSettings } from './cache-bytes.js';

const VALUE_BYTES = 4;
/** Position, token, output and cache indexes of a token. */
const INDEX_BYTES = 32;

export interface ComputeSettings extends CacheSettings {
  flashAttention: boolean;
  /** On the CPU, whose buffer also holds what a GPU leaves to the host. */
  onHost: boolean;
  /** Whether the device ends the step with the output matrix. */
  holdsOutput: boolean;
}

/**
 * Bytes that llama.cpp sets aside on a device to evaluate one step.
 *
 * A step's buffer is as large as its largest stage: attention, feed-forward, recurrence or output; each is a sum of
 * tensors that live at the same time. The sums were read off llama.cpp's own dry run over models of many dimensions
 * (footprint-formula.integration.spec.ts holds them to it).
 */
export function computeBytes(shape: ModelShape, settings: ComputeSettings): number {
  const tokens = Math.min(settings.contextLength * settings.slots, settings.microBatch);
  const mask = maskBytes(shape, settings);
  const recurs = shape.layers.some(({ stateValues }) => stateValues > 0);
  const output = !settings.holdsOutput ? 0 : outputValues(shape, settings) * VALUE_BYTES;
  const inner = innerValues(shape, settings) * VALUE_BYTES + mask + INDEX_BYTES;
  const states = recurs ? Math.max(...shape.layers.map(({ stateValues }) => stateValues)) * settings.slots : 0;
  return Math.max(output, inner) * tokens + 2 * states * VALUE_BYTES;
}

/**
 * Values of one token in the stage that ends a step. On a CPU the logits often find no gap among what earlier stages
 * left, and come behind it: between nothing and one feed-forward row more, three quarters of which keep the sum from
 * being short.
 */
function outputValues({ width }: ModelShape, { onHost }: ComputeSettings): number {
  const { vocabulary, embedding, feedForward, inner } = width;
  if (!onHost || vocabulary === 0) return vocabulary + embedding;
  return vocabulary + 3 * embedding + (inner > 0 ? 0 : 0.75 * feedForward);
}

/** Values of one token in the widest layer. */
function innerValues(shape: ModelShape, settings: ComputeSettings): number {
  const { embedding, feedForward, query, inner } = shape.width;
  const attends = shape.layers.some(({ cache }) => cache !== undefined) || inner === 0;
  const feeds = 3 * embedding + 3 * feedForward + (attends ? query : 0);
  const recurs = 6.5 * inner;
  return Math.max(feeds, recurs, attends ? attentionValues(shape, settings) : 0);
}

function attentionValues(shape: ModelShape, settings: ComputeSettings): number {
  const { embedding, heads, query, key, latentQuery } = shape.width;
  const scores = settings.flashAttention ? 0 : heads * mostCells(shape, settings);
  if (latentQuery > 0) return scores + 3 * embedding + 2 * latentQuery + query + latentQuery / heads;
  return scores + 3 * embedding + 2 * query + (settings.flashAttention ? 0 : 2 * key);
}

/** Bytes of the masks of one token: one for the whole context, one for windows, where the model has such layers. */
function maskBytes(shape: ModelShape, settings: ComputeSettings): number {
  const cellBytes = settings.flashAttention ? 2 : 4;
  return cellCounts(shape, settings).reduce((sum, cells) => sum + cells * cellBytes, 0);
}

function mostCells(shape: ModelShape, settings: ComputeSettings): number {
  return Math.max(0, ...cellCounts(shape, settings));
}

/** Cells that a token may attend to, once for each kind of layer. */
function cellCounts(shape: ModelShape, settings: ComputeSettings): number[] {
  const rows = settings.unified ? 1 : settings.slots;
  const caches = shape.layers.flatMap(({ cache }) => (cache === undefined ? [] : [cache]));
  const whole = caches.find(({ window }) => window === undefined);
  const windowed = caches.find(({ window }) => window !== undefined);
  return [whole, windowed].flatMap((cache) => (cache === undefined ? [] : [cellsOf(cache, settings) / rows]));
}
