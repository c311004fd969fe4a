import { bytesOf, type ValueType } from '../quantisation.js';
import type { CacheShape, LayerShape } from '../shape/model-shape.js';

/** Cells of llama.cpp's caches come in multiples of this. */
const CELL_PADDING = 256;
const STATE_BYTES = 4;

/** How a cache is laid out: one row of cells for each slot, as llama.cpp does unless told to unify them. */
export interface CacheSettings {
  /** Tokens that each slot holds. */
  contextLength: number;
  slots: number;
  /** Most tokens that one step evaluates. */
  microBatch: number;
  keyType: ValueType;
  valueType: ValueType;
  /** One row of cells for all slots together. */
  unified: boolean;
}

/**
 * Cells of a layer. A window needs those it looks back on and those of the step under way.
 * Source: `llama_kv_cache_iswa` and the padding of `n_ctx` in llama-context.cpp.
 */
export function cellsOf(cache: CacheShape, settings: CacheSettings): number {
  const { contextLength, slots, microBatch, unified } = settings;
  const rows = unified ? 1 : slots;
  const whole = padded(unified ? contextLength * slots : contextLength);
  if (cache.window === undefined) return whole * rows;
  const looksBack = cache.window * (unified ? slots : 1) + microBatch;
  return padded(Math.min(whole, looksBack)) * rows;
}

/** Bytes of one token in one layer on each of `ranks` devices that share the heads; a head is never divided. */
export function tokenBytes(cache: CacheShape, types: { keyType: ValueType; valueType: ValueType }, ranks = 1): number {
  const heads = cache.latent ? cache.kvHeads : Math.ceil(cache.kvHeads / ranks);
  return bytesOf(heads * cache.keyLength, types.keyType) + bytesOf(heads * cache.valueLength, types.valueType);
}

/** Bytes that one layer of llama.cpp caches, for all slots. */
export function layerCacheBytes(layer: LayerShape, settings: CacheSettings): number {
  return layer.cache === undefined ? 0 : cellsOf(layer.cache, settings) * tokenBytes(layer.cache, settings);
}

/** Bytes of the convolution and recurrent state of one layer, in F32, for all slots. */
export function layerStateBytes(layer: LayerShape, slots: number): number {
  return layer.stateValues * STATE_BYTES * slots;
}

function padded(cells: number): number {
  return Math.ceil(cells / CELL_PADDING) * CELL_PADDING;
}
