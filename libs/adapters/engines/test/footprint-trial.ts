import { GgmlType } from 'node-llama-cpp';
import { hostFootprint, totalOf, type LlamaCppSettings, type ModelShape } from '@millrace/domain/footprint';
import type { ModelSize } from './small-models.js';

export const CACHE_TYPES = { F16: GgmlType.F16, Q8_0: GgmlType.Q8_0, Q4_0: GgmlType.Q4_0 } as const;

/** A model and how it is served, whose footprint llama.cpp is asked for. */
export interface Trial {
  size: ModelSize;
  contextLength: number;
  slots: number;
  batchSize: number;
  flashAttention: boolean;
  cacheType: keyof typeof CACHE_TYPES;
}

/** What trials choose from. `planned`: as people serve models; `loaded`: what fits a test's memory and time. */
const CHOICES = {
  planned: {
    embedding: [1024, 1536, 2048],
    layers: [24, 28, 36],
    heads: [8, 16, 32],
    vocabulary: [16000, 32000, 50257],
    batchSize: [128, 512],
    contextLength: [1000, 4096, 8192],
    slots: [1, 3, 8],
  },
  loaded: {
    embedding: [768, 1024, 1280],
    layers: [16, 20, 24],
    // Keys of embedding / heads values have to fill the blocks of a quantised cache.
    heads: [8],
    // The logits of more tokens outweigh the layers of so small a model, and the formula is coarser about them.
    vocabulary: [8000, 16000, 32000],
    batchSize: [128, 256],
    contextLength: [512, 1000, 2048],
    slots: [1, 2, 4],
  },
} as const;

/** A trial that looks random and is the same in every run. */
export function trialOf(seed: number, scale: keyof typeof CHOICES): Trial {
  const numbers = numbersFrom(seed);
  const pick = <T>(of: readonly T[]): T => of[Math.floor((numbers.next().value as number) * of.length)] as T;
  const { layers, ...choices } = CHOICES[scale];
  const embedding = pick<number>(choices.embedding);
  const flashAttention = pick([true, true, false]);
  return {
    size: {
      layers: pick<number>(layers),
      embedding,
      feedForward: embedding * pick([2, 3, 4]),
      heads: pick<number>(choices.heads),
      kvHeads: pick([2, 4, 8]),
      headLength: pick([64, 128]),
      vocabulary: pick<number>(choices.vocabulary),
      type: pick(['F16', 'Q8_0', 'Q4_K', 'Q6_K', 'BF16']),
    },
    contextLength: pick<number>(choices.contextLength),
    slots: pick<number>(choices.slots),
    batchSize: pick<number>(choices.batchSize),
    flashAttention,
    cacheType: flashAttention ? pick(['F16', 'Q8_0', 'Q4_0']) : 'F16',
  };
}

/** What the formula says: weights, and all that a context takes, the row of logits of each slot included. */
export function formulaOf(shape: ModelShape, trial: Trial): { weights: number; context: number } {
  const windowed = shape.layers.some(({ cache }) => cache?.window !== undefined);
  const bytes = hostFootprint(shape, settingsOf(trial, windowed));
  return { weights: bytes.weightsBytes, context: totalOf(bytes) - bytes.weightsBytes };
}

/** Of the logits that answers are sampled from. */
export function logitBytes({ slots, size }: Trial): number {
  return 4 * slots * size.vocabulary;
}

function settingsOf(trial: Trial, windowed: boolean): LlamaCppSettings {
  return {
    contextLength: trial.contextLength,
    slots: trial.slots,
    // node-llama-cpp evaluates one token more where there are windows.
    microBatch: trial.batchSize + (windowed ? 1 : 0),
    keyType: trial.cacheType,
    valueType: trial.cacheType,
    unified: false,
    flashAttention: trial.flashAttention,
    onHost: true,
    shares: [1],
  };
}

function* numbersFrom(seed: number): Generator<number> {
  for (let state = seed; ;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state / 2 ** 32;
  }
}
