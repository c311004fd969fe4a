import { shapeOfConfig } from '../config/config-shape.js';
import { publishedModel } from '../published/published-models.js';
import { totalOf } from './device-bytes.js';
import { utilisationFor, vllmFootprint, type VllmSettings } from './vllm-footprint.js';

const GIBIBYTE = 1024 ** 3;
const shape = shapeOfConfig(publishedModel('Qwen3-0.6B')?.config ?? {});
const settings: VllmSettings = {
  ranks: 1,
  contextLength: 32768,
  slots: 4,
  cacheType: 'BF16',
  blockTokens: 16,
  maxSequences: 1024,
  maxBatchedTokens: 8192,
};

describe('the footprint of vLLM', () => {
  it('chooses the cache first and derives the utilisation, so that two replicas share a device', () => {
    const need = totalOf(vllmFootprint(shape, settings));
    const utilisation = utilisationFor(need, 80 * GIBIBYTE);
    const given = vllmFootprint(shape, { ...settings, device: { totalBytes: 80 * GIBIBYTE, utilisation } });
    expect(utilisation).toBeLessThan(0.5);
    expect(given.kvBytes).toBeCloseTo(vllmFootprint(shape, settings).kvBytes, -1);
  });

  it('gives the cache what weights and activation leave, and never less than nothing', () => {
    const tight = vllmFootprint(shape, { ...settings, device: { totalBytes: 4 * GIBIBYTE, utilisation: 0.9 } });
    expect(tight.kvBytes).toBe(0);
  });

  it('takes what was learned in place of what it would guess', () => {
    const learned = vllmFootprint(shape, {
      ...settings,
      learned: { activationBytes: 7, nonTorchBytes: 5, weightsBytes: 3 },
    });
    expect(learned).toMatchObject({ computeBytes: 7, contextBytes: 5, weightsBytes: 3 });
  });

  it('reads the length of a head from the config, which is not embedding / heads', () => {
    const perToken = 28 * 2 * 8 * 128 * 2;
    expect(vllmFootprint(shape, settings).kvBytes).toBe(4 * 32768 * perToken);
  });
});
