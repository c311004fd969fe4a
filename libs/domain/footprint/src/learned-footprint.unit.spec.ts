import { neededBytes, predictedBytes } from './footprint.js';
import { learnedFootprint } from './learned-footprint.js';

const estimate = (kvBytes: number) => ({
  basis: 'engine_dry_run' as const,
  breakdown: { weightsBytes: 1000, kvBytes, computeBytes: 30, overheadBytes: 4 },
});

describe('a learned footprint', () => {
  it('adds to another context what the estimate missed at one that was measured', () => {
    const lesson = { breakdown: estimate(200).breakdown, measuredBytes: 1284 };
    const learned = learnedFootprint(estimate(800), [lesson]);
    expect(learned).toMatchObject({ basis: 'learned', correctionBytes: 50 });
    expect(predictedBytes(learned)).toBe(1884);
    expect(neededBytes(learned)).toBeLessThan(neededBytes(estimate(800)) + 50);
  });

  it('takes the largest miss of several replicas', () => {
    const lessons = [1240, 1300, 1230].map((measuredBytes) => ({ breakdown: estimate(200).breakdown, measuredBytes }));
    expect(learnedFootprint(estimate(0), lessons)).toMatchObject({ correctionBytes: 66 });
  });

  it('goes down with what was measured, yet never below weights and cache', () => {
    const lesson = { breakdown: estimate(200).breakdown, measuredBytes: 700 };
    expect(predictedBytes(learnedFootprint(estimate(800), [lesson]))).toBe(1800);
  });

  it('is the estimate itself while nothing was measured', () => {
    expect(learnedFootprint(estimate(200), [])).toEqual(estimate(200));
  });

  it("leaves an operator's word alone", () => {
    const claimed = { basis: 'claimed' as const, breakdown: estimate(200).breakdown };
    expect(learnedFootprint(claimed, [{ breakdown: claimed.breakdown, measuredBytes: 9000 }])).toEqual(claimed);
  });
});
