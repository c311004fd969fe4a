import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getLlama, GgmlType, LlamaLogLevel, type Llama } from 'node-llama-cpp';
import {
  hostFootprint,
  shapeOfGguf,
  signedError,
  type LlamaCppSettings,
  type ModelShape,
} from '@millrace/domain/footprint';
import { FAMILIES, type ModelFamily, type ModelSize } from '../../test/small-models.js';
import { writeGguf } from '../../test/write-gguf.js';
import { readHeader, type ArtifactHeader } from './artifact-header.js';
import { ggufFacts } from './gguf-facts.js';

const CACHE_TYPES = { F16: GgmlType.F16, Q8_0: GgmlType.Q8_0, Q4_0: GgmlType.Q4_0 } as const;

const SEEDS = [1, 2, 3, 4].map((nth) => nth * 7919);

/** Numbers that look random and are the same in every run. */
function* numbersFrom(seed: number): Generator<number> {
  for (let state = seed; ;) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    yield state / 2 ** 32;
  }
}

interface Trial {
  size: ModelSize;
  contextLength: number;
  slots: number;
  batchSize: number;
  flashAttention: boolean;
  cacheType: keyof typeof CACHE_TYPES;
}

function trialOf(seed: number): Trial {
  const numbers = numbersFrom(seed);
  const pick = <T>(of: readonly T[]): T => of[Math.floor((numbers.next().value as number) * of.length)] as T;
  const embedding = pick([1024, 1536, 2048]);
  const flashAttention = pick([true, true, false]);
  return {
    size: {
      layers: pick([24, 28, 36]),
      embedding,
      feedForward: embedding * pick([2, 3, 4]),
      heads: pick([8, 16, 32]),
      kvHeads: pick([2, 4, 8]),
      headLength: pick([64, 128]),
      vocabulary: pick([16000, 32000, 50257]),
      type: pick(['F16', 'Q8_0', 'Q4_K', 'Q6_K', 'BF16']),
    },
    contextLength: pick([1000, 4096, 8192]),
    slots: pick([1, 3, 8]),
    batchSize: pick([128, 512]),
    flashAttention,
    cacheType: flashAttention ? pick(['F16', 'Q8_0', 'Q4_0']) : 'F16',
  };
}

describe('the formula for llama.cpp', () => {
  let folder: string;
  let llama: Llama;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-footprint-'));
    llama = await getLlama({ gpu: false, build: 'never', skipDownload: true, logLevel: LlamaLogLevel.error });
  });
  afterAll(async () => {
    await llama.dispose();
    await rm(folder, { recursive: true });
  });

  it.each(Object.keys(FAMILIES))('agrees with the plan of llama.cpp for %s models of many sizes', async (name) => {
    for (const seed of SEEDS) {
      const trial = trialOf(seed);
      const path = join(folder, `${name}-${seed}.gguf`);
      await writeGguf(path, (FAMILIES[name] as ModelFamily)(trial.size));
      const header = await readHeader(path, llama);
      const ours = formula(shapeOfGguf(ggufFacts(header.file)), trial);
      const theirs = await plan(header, trial);
      const error = signedError(ours.weights + ours.context, theirs.weights + theirs.context);
      expect({ trial, weights: ours.weights, error, withinBand: error > -0.01 && error < 0.02 }).toEqual({
        trial,
        weights: theirs.weights,
        error: expect.any(Number),
        withinBand: true,
      });
      await rm(path);
    }
  });
});

/** Weights, and all that a context takes; the row of logits of each slot is not part of llama.cpp's plan. */
function formula(shape: ModelShape, trial: Trial): { weights: number; context: number } {
  const windowed = shape.layers.some(({ cache }) => cache?.window !== undefined);
  const bytes = hostFootprint(shape, settingsOf(trial, windowed));
  const logitBytes = 4 * trial.slots * shape.width.vocabulary;
  return { weights: bytes.weightsBytes, context: bytes.kvBytes + bytes.stateBytes + bytes.computeBytes - logitBytes };
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

async function plan(header: ArtifactHeader, trial: Trial): Promise<{ weights: number; context: number }> {
  const type = CACHE_TYPES[trial.cacheType];
  const weights = await header.insights.estimateModelResourceRequirementsV2({ gpuLayers: 0, useMmap: true });
  const context = await header.insights.estimateContextResourceRequirementsV2({
    contextSize: trial.contextLength,
    modelGpuLayers: 0,
    batchSize: trial.batchSize,
    sequences: trial.slots,
    flashAttention: trial.flashAttention,
    kvCacheKeyType: type,
    kvCacheValueType: type,
  });
  return { weights: weights.cpuRam, context: context.cpuRam };
}
