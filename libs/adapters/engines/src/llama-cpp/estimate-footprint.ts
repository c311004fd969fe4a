import { hostFootprint, shapeOfGguf, type DeviceBytes } from '@millrace/domain/footprint';
import type { FootprintBreakdown, ReplicaSettings } from '../engine-driver.js';
import type { ArtifactHeader } from './artifact-header.js';
import { chooseCapacity, type Capacity } from './choose-capacity.js';
import { readEngineOptions } from './engine-options.js';
import { ggufFacts } from './gguf-facts.js';
import { repackedBytes } from './repacked-weights.js';

const LOGIT_BYTES = 4;
/** Two processes that did the same differ by this much, depending on when they collected garbage. */
const PROCESS_SPREAD_BYTES = 8 * 1024 ** 2;

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
