import type { Scenario } from '../src/scenario.js';
import type { TraceRow } from '../src/workload.js';

/** Equal models of 45 bytes on devices of 100, two on each; a load takes 12 s, which is too long for a first token. */
export function aScenario({ models = 2, devices = 2 }: { models?: number; devices?: number } = {}): Scenario {
  const load = {
    vramBytesPerSecond: 10,
    diskBytesPerSecond: 10,
    processStartSeconds: 8,
    unloadSeconds: 2,
    hostCacheBytes: 1_000,
  };
  return {
    fleet: { runners: 1, devicesPerRunner: devices, deviceType: 'cuda', totalBytes: 100, reserveBytes: 0, load },
    models: Array.from({ length: models }, (_each, index) => ({
      name: `model-${index}`,
      weightsBytes: 40,
      kvCacheBytes: 5,
      overheadBytes: 0,
      kvBytesPerToken: 0.000_1,
      prefillTokensPerSecond: 10_000,
      decodeSecondsBase: 0.01,
      decodeSecondsPerSequence: 0.000_3,
      slots: 8,
      deviceCount: 1,
    })),
    popularity: { zipfExponent: 1, driftEverySeconds: 100, driftSwaps: 1 },
    limits: { ttftSeconds: 10, tokenSeconds: 0.1 },
    coldWaitSeconds: 120,
  };
}

/** Equal requests at equal distances. */
export function aTrace(of: { requests: number; everySeconds: number; contextTokens?: number }): TraceRow[] {
  return Array.from({ length: of.requests }, (_each, index) => ({
    atSeconds: index * of.everySeconds,
    contextTokens: of.contextTokens ?? 100,
    generatedTokens: 10,
  }));
}

/** Numbers in [0, 1) that follow from the seed. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
