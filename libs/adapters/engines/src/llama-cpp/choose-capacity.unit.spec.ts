import { EngineError } from '../engine-driver.js';
import type { ReplicaSettings } from '../engine-driver.js';
import { chooseCapacity } from './choose-capacity.js';
import { readEngineOptions } from './engine-options.js';
import { engineSeed, samplingOptions } from './sampling.js';

const SMALL = { trainedContextLength: 1024, weightsBytes: 8_000_000 };
const LARGE = { trainedContextLength: 131_072, weightsBytes: 16_000_000_000 };

function settings(wish: Partial<ReplicaSettings> = {}): ReplicaSettings {
  return { modelName: 'm', artifactPath: 'm.gguf', engineOptions: {}, ...wish };
}

describe('capacity of a replica', () => {
  it('is chosen by the engine where the settings leave it open', () => {
    expect(chooseCapacity(settings(), SMALL)).toEqual({ contextLength: 1024, slots: 8 });
    expect(chooseCapacity(settings(), LARGE)).toEqual({ contextLength: 4096, slots: 4 });
  });

  it('is what the settings say, but never beyond the trained context', () => {
    expect(chooseCapacity(settings({ contextLength: 512, slots: 2 }), SMALL)).toEqual({ contextLength: 512, slots: 2 });
    expect(chooseCapacity(settings({ contextLength: 100_000 }), SMALL).contextLength).toBe(1024);
  });
});

describe('engine options', () => {
  it('have defaults', () => {
    expect(readEngineOptions({})).toEqual({ batchSize: 512 });
  });

  it('are refused by name when unknown or out of range', () => {
    expect(() => readEngineOptions({ threads: 0 })).toThrow(/engineOptions\.threads/);
    expect(() => readEngineOptions({ thread: 2 })).toThrow(EngineError);
    expect(() => readEngineOptions({ thread: 2 })).toThrow(/thread/);
  });
});

describe('sampling options', () => {
  it('turn off the filters that OpenAI does not have', () => {
    expect(samplingOptions({ temperature: 0.5, topP: 0.9, seed: 7 })).toMatchObject({
      temperature: 0.5,
      topP: 0.9,
      topK: 0,
      minP: 0,
      seed: 7,
    });
  });

  it('take any integer as a seed and keep clear of the one that means "random"', () => {
    for (const seed of [-1, 2 ** 32 - 1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]) {
      expect(engineSeed(seed)).toBeGreaterThanOrEqual(0);
      expect(engineSeed(seed)).toBeLessThan(2 ** 32 - 1);
    }
    expect(engineSeed(42)).toBe(42);
  });
});
