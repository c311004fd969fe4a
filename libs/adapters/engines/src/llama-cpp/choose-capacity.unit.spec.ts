import { EngineError } from '../engine-driver.js';
import type { ReplicaSettings } from '../engine-driver.js';
import { chooseCapacity } from './choose-capacity.js';
import { readEngineOptions } from './engine-options.js';

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
