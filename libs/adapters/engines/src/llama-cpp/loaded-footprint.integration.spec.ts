import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getLlama, LlamaLogLevel, type Llama } from 'node-llama-cpp';
import { shapeOfGguf, signedError } from '@millrace/domain/footprint';
import { CACHE_TYPES, formulaOf, logitBytes, trialOf, type Trial } from '../../test/footprint-trial.js';
import { FAMILIES, type ModelFamily } from '../../test/small-models.js';
import { writeGguf } from '../../test/write-gguf.js';
import { readHeader } from './artifact-header.js';
import { ggufFacts } from './gguf-facts.js';
import { repackedBytes } from './repacked-weights.js';

/** Sizes of each family; every case has a seed of its own. */
const ROUNDS = 3;
const FAMILY_NAMES = Object.keys(FAMILIES);
const LOADS_MS = 120_000;

/** The formula against what a loaded model takes. */
interface Comparison {
  family: string;
  trial: Trial;
  loadedBytes: number;
  error: number;
}

describe('a model that llama.cpp has loaded', () => {
  const compared: Comparison[] = [];
  let folder: string;
  let llama: Llama;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'millrace-loaded-'));
    llama = await getLlama({ gpu: false, build: 'never', skipDownload: true, logLevel: LlamaLogLevel.error });
  });
  afterAll(async () => {
    process.stdout.write(report(compared));
    await llama.dispose();
    await rm(folder, { recursive: true });
  });

  it.each(FAMILY_NAMES)(
    'takes what the formula says for %s, between 1 %% too little and 2 %% too much',
    async (family) => {
      for (let round = 0; round < ROUNDS; round += 1) {
        const seed = 104729 * (1 + round * FAMILY_NAMES.length + FAMILY_NAMES.indexOf(family));
        const trial = trialOf(seed, 'loaded');
        const path = join(folder, `${family}-${seed}.gguf`);
        await writeGguf(path, (FAMILIES[family] as ModelFamily)(trial.size));
        const header = await readHeader(path, llama);
        const { weights, context } = formulaOf(shapeOfGguf(ggufFacts(header.file)), trial);
        const loadedBytes = await load(llama, path, trial);
        const error = signedError(weights + repackedBytes(header) + context, loadedBytes);
        compared.push({ family, trial, loadedBytes, error });
        await rm(path);
      }
      const off = compared.filter((one) => one.family === family && (one.error < -0.01 || one.error > 0.02));
      expect(off).toEqual([]);
    },
    LOADS_MS,
  );
});

/** The buffers that llama.cpp reports once model and context are there; it counts those of logits apart. */
async function load(llama: Llama, modelPath: string, trial: Trial): Promise<number> {
  const model = await llama.loadModel({ modelPath, gpuLayers: 0, useMmap: true });
  try {
    const type = CACHE_TYPES[trial.cacheType];
    const context = await model.createContext({
      contextSize: trial.contextLength,
      sequences: trial.slots,
      batchSize: trial.batchSize,
      flashAttention: trial.flashAttention,
      experimentalKvCacheKeyType: type,
      experimentalKvCacheValueType: type,
      failedCreationRemedy: false,
    });
    return model.memoryUsage.ram + context.memoryUsage.ram + logitBytes(trial);
  } finally {
    await model.dispose();
  }
}

/** One line for each case, and the range of each family. */
function report(compared: readonly Comparison[]): string {
  const percent = (error: number) => `${error < 0 ? '' : '+'}${(100 * error).toFixed(2)} %`.padStart(9);
  const families = [...new Set(compared.map(({ family }) => family))];
  const lines = families.flatMap((family) => {
    const own = compared.filter((one) => one.family === family);
    const errors = own.map(({ error }) => error);
    return [
      ...own.map(({ trial, loadedBytes, error }) => {
        const { size, contextLength, slots, batchSize, flashAttention, cacheType } = trial;
        const model = `${size.layers} x ${size.embedding} ${size.type}, vocabulary ${size.vocabulary}`;
        const served = `${slots} x ${contextLength} ${cacheType}, batch ${batchSize}${flashAttention ? ', flash' : ''}`;
        return `${family.padEnd(10)}${percent(error)}  ${String(Math.round(loadedBytes / 1e6)).padStart(5)} MB  ${model}; ${served}`;
      }),
      `${family.padEnd(10)}${percent(Math.min(...errors))} to ${percent(Math.max(...errors)).trim()} in all`,
    ];
  });
  return `\nsigned error of the formula against loaded models\n${lines.join('\n')}\n`;
}
