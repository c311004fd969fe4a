import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getLlama, LlamaLogLevel, type Llama } from 'node-llama-cpp';
import { shapeOfGguf, signedError } from '@millrace/domain/footprint';
import { CACHE_TYPES, formulaOf, logitBytes, trialOf, type Trial } from '../../test/footprint-trial.js';
import { FAMILIES, type ModelFamily } from '../../test/small-models.js';
import { writeGguf } from '../../test/write-gguf.js';
import { readHeader, type ArtifactHeader } from './artifact-header.js';
import { ggufFacts } from './gguf-facts.js';

const SEEDS = [1, 2, 3, 4].map((nth) => nth * 7919);

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
      const trial = trialOf(seed, 'planned');
      const path = join(folder, `${name}-${seed}.gguf`);
      await writeGguf(path, (FAMILIES[name] as ModelFamily)(trial.size));
      const header = await readHeader(path, llama);
      const ours = formulaOf(shapeOfGguf(ggufFacts(header.file)), trial);
      // A plan of llama.cpp leaves the logits out.
      const theirs = await plan(header, trial);
      const error = signedError(ours.weights + ours.context - logitBytes(trial), theirs.weights + theirs.context);
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
