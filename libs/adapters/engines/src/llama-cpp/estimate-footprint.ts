import { GgmlType } from 'node-llama-cpp';
import type { GgufTensorInfo } from 'node-llama-cpp';
import { hostFootprint, shapeOfGguf, type DeviceBytes } from '@millrace/domain/footprint';
import type { FootprintBreakdown, ReplicaSettings } from '../engine-driver.js';
import type { ArtifactHeader } from './artifact-header.js';
import { chooseCapacity, type Capacity } from './choose-capacity.js';
import { readEngineOptions } from './engine-options.js';
import { ggufFacts } from './gguf-facts.js';

const LOGIT_BYTES = 4;
/** Two processes that did the same differ by this much, depending on when they collected garbage. */
const PROCESS_SPREAD_BYTES = 8 * 1024 ** 2;

/** Types that llama.cpp copies into a layout of their own on every CPU, and those it copies only on arm64. */
const REPACKED = [GgmlType.Q4_0, GgmlType.Q4_K, GgmlType.Q2_K, GgmlType.IQ4_NL, GgmlType.MXFP4];
const REPACKED_ON_ARM = [GgmlType.Q5_K, GgmlType.Q6_K, GgmlType.Q8_0];

/** An estimate before it is said which version of the engine it is for. */
export type EstimatedBytes = Omit<FootprintBreakdown, 'engineVersion'>;

/**
 * Predicts a replica's memory from the header, without allocating it.
 * llama.cpp plans the weights and the context in a dry run; two things it leaves out are added:
 * the output buffer (slots · vocabulary · 4 bytes) and the copies of repacked weights.
 * `processBytes` is what the engine process holds before any weights are loaded.
 */
export async function estimateFootprint(
  settings: ReplicaSettings,
  header: ArtifactHeader,
  processBytes: number,
): Promise<EstimatedBytes> {
  const { contextLength, slots } = chooseCapacity(settings, header);
  const { batchSize } = readEngineOptions(settings.engineOptions);
  const context = await header.insights.estimateContextResourceRequirementsV2({
    contextSize: contextLength,
    modelGpuLayers: 0,
    batchSize,
    sequences: slots,
    flashAttention: 'auto',
  });
  const weights = await header.insights.estimateModelResourceRequirementsV2({ gpuLayers: 0, useMmap: true });
  const { kvBytes: cacheBytes, stateBytes } = computed(header, { contextLength, slots, batchSize });
  const kvBytes = Math.min(context.cpuRam, cacheBytes + stateBytes);
  return {
    basis: 'engine_dry_run',
    weightsBytes: weights.cpuRam + repackedBytes(header),
    kvBytes,
    computeBytes: context.cpuRam - kvBytes + outputBytes(header, slots),
    overheadBytes: processBytes + PROCESS_SPREAD_BYTES,
    contextLength,
    slots,
  };
}

/** The same by the formula, for a header that llama.cpp does not plan. */
export function computeFootprint(
  settings: ReplicaSettings,
  header: ArtifactHeader,
  processBytes: number,
): EstimatedBytes {
  const capacity = chooseCapacity(settings, header);
  const bytes = computed(header, { ...capacity, ...readEngineOptions(settings.engineOptions) });
  return {
    basis: 'formula',
    weightsBytes: bytes.weightsBytes + repackedBytes(header),
    kvBytes: bytes.kvBytes + bytes.stateBytes,
    computeBytes: bytes.computeBytes,
    overheadBytes: processBytes + PROCESS_SPREAD_BYTES,
    ...capacity,
  };
}

/** By the formula. A plan of llama.cpp counts cache, recurrent state and computation together; this tells them apart. */
function computed(
  header: ArtifactHeader,
  { contextLength, slots, batchSize }: Capacity & { batchSize: number },
): DeviceBytes {
  const shape = shapeOfGguf(ggufFacts(header.file));
  const windowed = shape.layers.some(({ cache }) => cache?.window !== undefined);
  return hostFootprint(shape, {
    contextLength,
    slots,
    // node-llama-cpp lets a step hold one token more where there are windows.
    microBatch: windowed ? batchSize + 1 : batchSize,
    keyType: 'F16',
    valueType: 'F16',
    unified: false,
    flashAttention: true,
    onHost: true,
    shares: [1],
  });
}

/** The buffer of logits, one row for each slot. */
export function outputBytes(header: ArtifactHeader, slots: number): number {
  const vocabulary = header.file.metadata.tokenizer.ggml.tokens.length;
  return slots * vocabulary * LOGIT_BYTES;
}

function repackedBytes(header: ArtifactHeader): number {
  const types = new Set(process.arch === 'arm64' ? [...REPACKED, ...REPACKED_ON_ARM] : REPACKED);
  const tensors = (header.file.fullTensorInfo ?? []).filter(
    (tensor) => types.has(tensor.ggmlType) && !tensor.name.startsWith('token_embd'),
  );
  return tensors.reduce((sum, tensor) => sum + tensorBytes(tensor), 0);
}

/** Bytes and weights of one block of each repacked type. */
const BLOCKS: Partial<Record<GgmlType, { bytes: number; weights: number }>> = {
  [GgmlType.Q4_0]: { bytes: 18, weights: 32 },
  [GgmlType.IQ4_NL]: { bytes: 18, weights: 32 },
  [GgmlType.MXFP4]: { bytes: 17, weights: 32 },
  [GgmlType.Q8_0]: { bytes: 34, weights: 32 },
  [GgmlType.Q2_K]: { bytes: 84, weights: 256 },
  [GgmlType.Q4_K]: { bytes: 144, weights: 256 },
  [GgmlType.Q5_K]: { bytes: 176, weights: 256 },
  [GgmlType.Q6_K]: { bytes: 210, weights: 256 },
};

function tensorBytes(tensor: GgufTensorInfo): number {
  const block = BLOCKS[tensor.ggmlType];
  if (block === undefined) return 0;
  const weights = tensor.dimensions.reduce<number>((product, dimension) => product * Number(dimension), 1);
  return (weights / block.weights) * block.bytes;
}
