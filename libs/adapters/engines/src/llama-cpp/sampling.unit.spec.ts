import { engineSeed, samplingOptions } from './sampling.js';

const MODEL = {
  trainContextSize: 64,
  fileInfo: { metadata: { tokenizer: { ggml: { tokens: ['a', 'b'] } } } },
} as never;

describe('sampling options', () => {
  it('turn off the filters that OpenAI does not have', () => {
    expect(samplingOptions({ temperature: 0.5, topP: 0.9, seed: 7 }, MODEL, () => [])).toMatchObject({
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

  it('name no penalty and no bias that was not asked for', () => {
    expect(Object.keys(samplingOptions({ temperature: 0, topP: 1 }, MODEL, () => []))).toEqual([
      ...['temperature', 'topP', 'topK', 'minP', 'seed', 'yieldEogToken'],
    ]);
  });

  it('refuse a bias of a token that the model does not have', () => {
    const sampling = { temperature: 0, topP: 1, logitBias: { 2: 5 } };
    expect(() => samplingOptions(sampling, MODEL, () => [])).toThrow(/token 2; .* from 0 to 1/);
  });
});
