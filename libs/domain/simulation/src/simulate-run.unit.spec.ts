import fc from 'fast-check';
import { POLICY_NAMES } from './policy.js';
import { goodputBound } from './goodput-bound.js';
import { simulateLoad } from './simulate-sweep.js';
import { aScenario, aTrace, seeded } from '../test/small-scenario.js';

const run = (parts: Parameters<typeof aScenario>[0], trace: ReturnType<typeof aTrace>, loadFactor = 1) =>
  simulateLoad(aScenario(parts), trace, { policies: POLICY_NAMES, loadFactor, random: seeded(7) });

describe('a simulated run', () => {
  it('serves every request or counts it as expired, exactly once, under every policy', () => {
    const trace = fc.array(
      fc.record({
        atSeconds: fc.integer({ min: 0, max: 300 }),
        contextTokens: fc.integer({ min: 1, max: 8_000 }),
        generatedTokens: fc.integer({ min: 1, max: 500 }),
      }),
      { minLength: 1, maxLength: 60 },
    );
    const shape = fc.record({ models: fc.integer({ min: 1, max: 6 }), devices: fc.integer({ min: 2, max: 4 }) });
    fc.assert(
      fc.property(trace, shape, fc.constantFrom(0.5, 1, 10), (rows, parts, loadFactor) => {
        const sorted = [...rows].sort((a, b) => a.atSeconds - b.atSeconds);
        for (const { requests, served, expired, good } of run(parts, sorted, loadFactor).runs) {
          expect(requests).toBe(rows.length);
          expect(served + expired).toBe(rows.length);
          expect(good).toBeLessThanOrEqual(served);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('is the same again for the same seed, and the same requests for each policy', () => {
    const trace = aTrace({ requests: 200, everySeconds: 1 });
    expect(run({ models: 6 }, trace)).toEqual(run({ models: 6 }, trace));
    expect(new Set(run({ models: 6 }, trace).runs.map(({ offeredPerSecond }) => offeredPerSecond)).size).toBe(1);
  });

  it('has every request in time under every policy while all models fit and little comes', () => {
    const { runs, comparison } = run({ models: 2 }, aTrace({ requests: 50, everySeconds: 2 }));
    for (const { good, requests, loads } of runs) expect([good, loads]).toEqual([requests, 0]);
    expect(comparison).toMatchObject({ ratio: 1, wantedRatio: 0.98 });
  });

  it('lets the planner and lru serve models that a fixed assignment has no room for', () => {
    const [planner, lru, fixed] = run({ models: 6, devices: 2 }, aTrace({ requests: 200, everySeconds: 4 })).runs;
    expect(fixed?.expired).toBeGreaterThan(0);
    expect(fixed?.loads).toBe(0);
    for (const moving of [planner, lru]) {
      expect(moving?.expired).toBe(0);
      expect(moving?.loads).toBeGreaterThan(0);
      expect(moving?.longestColdWaitSeconds).toBeLessThan(120);
    }
  });

  it('has no policy above the upper bound, which overload lowers below what arrives', () => {
    const scenario = aScenario({ models: 4 });
    const trace = aTrace({ requests: 400, everySeconds: 1, contextTokens: 8_000 });
    const { bound, runs } = simulateLoad(scenario, trace, {
      policies: POLICY_NAMES,
      loadFactor: 100,
      random: seeded(1),
    });
    expect(bound.by).toBe('device_time');
    expect(bound.good).toBeLessThan(trace.length);
    for (const { good } of runs) expect(good).toBeLessThanOrEqual(bound.good);
  });

  it('is bound by memory where nothing loads in time and time is plenty', () => {
    const scenario = aScenario({ models: 8, devices: 2 });
    const requests = [{ atSeconds: 0, contextTokens: 10, generatedTokens: 1, model: 0 }];
    const periods = [{ fromSeconds: 0, shares: Array<number>(8).fill(1 / 8) }];
    const { good, by } = goodputBound(scenario, { requests, periods, seconds: 1 });
    expect(by).toBe('memory');
    expect(good).toBeCloseTo(200 / 45 / 8);
  });
});
