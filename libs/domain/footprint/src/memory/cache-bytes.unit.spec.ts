import type { CacheShape } from '../shape/model-shape.js';
import { cellsOf, layerCacheBytes, tokenBytes, type CacheSettings } from './cache-bytes.js';

const MEBIBYTE = 1024 ** 2;
const grouped: CacheShape = { kvHeads: 4, keyLength: 256, valueLength: 256, latent: false };
const settings: CacheSettings = {
  contextLength: 32768,
  slots: 1,
  microBatch: 512,
  keyType: 'F16',
  valueType: 'F16',
  unified: false,
};

describe('the cache of llama.cpp', () => {
  it('takes what llama.cpp prints for Gemma 3 4B: 5 whole layers and 29 with a window', () => {
    const whole = layerCacheBytes({ cache: grouped, stateValues: 0 }, settings);
    const windowed = layerCacheBytes({ cache: { ...grouped, window: 1024 }, stateValues: 0 }, settings);
    expect(5 * whole + 29 * windowed).toBe(814 * MEBIBYTE);
  });

  it('gives each slot cells of its own, in multiples of 256', () => {
    expect(cellsOf(grouped, { ...settings, contextLength: 1000, slots: 3 })).toBe(3 * 1024);
  });

  it('never gives a window more cells than the context has', () => {
    expect(cellsOf({ ...grouped, window: 4096 }, { ...settings, contextLength: 2048 })).toBe(2048);
  });

  it('holds the windows of all slots in one row when the cache is unified', () => {
    const unified = { ...settings, slots: 4, unified: true };
    expect(cellsOf({ ...grouped, window: 1024 }, unified)).toBe(4 * 1024 + 512);
    expect(cellsOf({ ...grouped, window: 1024 }, { ...unified, unified: false })).toBe(4 * (1024 + 512));
  });

  it('is smaller when it is quantised', () => {
    const perToken = (type: string) => tokenBytes(grouped, { keyType: type, valueType: type });
    expect(perToken('Q8_0') / perToken('F16')).toBe(34 / 64);
    expect(perToken('Q4_0') / perToken('F16')).toBe(18 / 64);
  });

  it('never divides a head among devices', () => {
    const types = { keyType: 'F16', valueType: 'F16' };
    expect(tokenBytes(grouped, types, 3)).toBe(2 * 512 * 2);
    expect(tokenBytes(grouped, types, 8)).toBe(512 * 2);
  });

  it('holds a latent once on every device', () => {
    const latent: CacheShape = { kvHeads: 1, keyLength: 576, valueLength: 0, latent: true };
    expect(tokenBytes(latent, { keyType: 'F16', valueType: 'F16' }, 8)).toBe(1152);
  });

  it('is nothing where a layer shares, recurs or encodes', () => {
    expect(layerCacheBytes({ stateValues: 10 }, settings)).toBe(0);
  });
});
