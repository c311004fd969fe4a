import type { ValueType } from '../quantisation.js';
import type { CacheShape, ModelShape } from '../shape/model-shape.js';
import { layerStateBytes, tokenBytes } from './cache-bytes.js';
import type { DeviceBytes } from './device-bytes.js';

const MEBIBYTE = 1024 ** 2;
/** What CUDA, NCCL and kernels take outside PyTorch: about 0.13 GiB alone, 0.55 GiB on each rank of several. */
const NON_TORCH_BYTES = { alone: 134 * MEBIBYTE, ofSeveral: 560 * MEBIBYTE };
/** Buffers of the collectives that weights of several ranks come with. */
const RANK_BUFFER_BYTES = 72 * MEBIBYTE;
/** Bytes of the sampler's copies of one logit in the profiling run of vLLM 0.11. */
const SAMPLER_BYTES = 38.2;
/** Bytes of one hidden value of one batched token in that run. */
const HIDDEN_BYTES = 2.56;
const ROTARY_BYTES = 2;

export interface VllmSettings {
  /** Size of the tensor-parallel group. */
  ranks: number;
  /** Tokens of one sequence (`max_model_len`), and how many such sequences are to fit at once. */
  contextLength: number;
  slots: number;
  cacheType: ValueType;
  /** Tokens of a cache block. */
  blockTokens: number;
  /** `max_num_seqs` and `max_num_batched_tokens`: 1024 and 8192 by default on cards of 70 GiB and more. */
  maxSequences: number;
  maxBatchedTokens: number;
  /** A device's memory and `gpu_memory_utilization`: then the cache takes what they leave. */
  device?: { totalBytes: number; utilisation: number };
  /** Measured on the same engine version and defaults. */
  learned?: { activationBytes?: number; nonTorchBytes?: number; weightsBytes?: number };
}

/**
 * Bytes on each rank of vLLM. The identity total · utilisation = weights + activation + outside PyTorch + cache holds on
 * each; the activation peak counts as computation, what lies outside PyTorch as the process's own.
 */
export function vllmFootprint(shape: ModelShape, settings: VllmSettings): DeviceBytes {
  const { learned, device } = settings;
  const weightsBytes = learned?.weightsBytes ?? rankWeightBytes(shape, settings.ranks);
  const computeBytes = learned?.activationBytes ?? activationBytes(shape, settings);
  const contextBytes =
    learned?.nonTorchBytes ?? (settings.ranks > 1 ? NON_TORCH_BYTES.ofSeveral : NON_TORCH_BYTES.alone);
  const stateBytes =
    shape.layers.reduce((sum, layer) => sum + layerStateBytes(layer, settings.slots), 0) / settings.ranks;
  const left = (totalBytes: number) => totalBytes - weightsBytes - computeBytes - contextBytes - stateBytes;
  const kvBytes =
    device === undefined
      ? wantedCacheBytes(shape, settings)
      : Math.max(0, left(device.totalBytes * device.utilisation));
  return { weightsBytes, kvBytes: Math.floor(kvBytes), stateBytes, computeBytes, extraBytes: 0, contextBytes };
}

/** The `gpu_memory_utilization` that leaves exactly this footprint to a replica, so that several share a device. */
export function utilisationFor(neededBytes: number, totalBytes: number): number {
  return neededBytes / totalBytes;
}

/** Tokens that a cache of so many bytes on a rank holds, where every layer looks at the whole context. */
export function cacheTokens(
  shape: ModelShape,
  settings: Pick<VllmSettings, 'cacheType' | 'ranks'>,
  bytes: number,
): number {
  const each = bytesOfToken(shape, settings);
  return each === 0 ? 0 : Math.floor(bytes / each);
}

/** Bytes of one token on a rank, in all layers. */
function bytesOfToken(shape: ModelShape, settings: Pick<VllmSettings, 'cacheType' | 'ranks'>): number {
  return shape.layers.reduce((sum, { cache }) => sum + (cache === undefined ? 0 : rankTokenBytes(cache, settings)), 0);
}

function wantedCacheBytes(shape: ModelShape, settings: VllmSettings): number {
  const layers = shape.layers.map(({ cache }) =>
    cache === undefined ? 0 : sequenceTokens(cache, settings) * rankTokenBytes(cache, settings),
  );
  return settings.slots * layers.reduce((sum, bytes) => sum + bytes, 0);
}

/** Tokens that one sequence may hold in a layer, in whole blocks (`SlidingWindowSpec` of vLLM). */
function sequenceTokens(cache: CacheShape, settings: VllmSettings): number {
  const { contextLength, blockTokens, maxBatchedTokens } = settings;
  const blocks = (tokens: number) => Math.ceil(tokens / blockTokens) * blockTokens;
  if (cache.window === undefined) return blocks(contextLength);
  const looksBack = cache.window - 1 + maxBatchedTokens;
  return looksBack < contextLength ? blocks(looksBack) + blockTokens : blocks(contextLength);
}

function rankTokenBytes(cache: CacheShape, { cacheType, ranks }: Pick<VllmSettings, 'cacheType' | 'ranks'>): number {
  return tokenBytes(cache, { keyType: cacheType, valueType: cacheType }, ranks);
}

/** An even part of the weights, the rotary table, and the buffers of a group. */
function rankWeightBytes({ weights, width, trainedContextLength = 0 }: ModelShape, ranks: number): number {
  if (weights === undefined) return 0;
  const whole = weights.inputBytes + weights.outputBytes - weights.repeatedBytes + sum(weights.layerBytes);
  const headLength = width.heads === 0 ? 0 : width.query / width.heads;
  const rotary = trainedContextLength * headLength * ROTARY_BYTES;
  return Math.ceil(whole / ranks + rotary + (ranks > 1 ? RANK_BUFFER_BYTES : 0));
}

/**
 * The peak of the profiling run: the sampler over all sequences, and the hidden values of one batch.
 * Both constants are fitted to five models on H100 with vLLM 0.11 (llm-d-benchmark, empirical-vllm-memory-results.md),
 * which they meet within 0.02 GiB; they belong to that version and its defaults.
 */
function activationBytes({ width }: ModelShape, settings: VllmSettings): number {
  const sampler = width.vocabulary * settings.maxSequences * SAMPLER_BYTES;
  return Math.ceil(sampler + width.embedding * settings.maxBatchedTokens * HIDDEN_BYTES);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
