import { neededBytes, predictedBytes, signedError, withMargin, type FootprintBasis } from './footprint.js';

const breakdown = { weightsBytes: 1000, kvBytes: 200, computeBytes: 30, overheadBytes: 4 };

describe('a footprint', () => {
  it('is the sum of its parts', () => {
    expect(predictedBytes({ basis: 'formula', breakdown })).toBe(1234);
  });

  it('gets a wider margin from a dry run than from a measurement', () => {
    const dryRun = neededBytes({ basis: 'engine_dry_run', breakdown });
    const measured = neededBytes({ basis: 'measured', breakdown, measuredBytes: 1234 });
    expect(dryRun).toBe(Math.ceil(1234 * 1.05) + 32 * 1024 ** 2);
    expect(measured).toBe(Math.ceil(1234 * 1.02));
  });

  it('rests on what was measured, not on what was predicted', () => {
    expect(neededBytes({ basis: 'measured', breakdown, measuredBytes: 5000 })).toBe(5100);
  });
});

describe('a basis', () => {
  it('gets a wider margin the less sure it is, and an operator is taken at their word', () => {
    const surestFirst: FootprintBasis[] = ['measured', 'learned', 'engine_dry_run', 'formula'];
    const margins = surestFirst.map((basis) => withMargin(1e9, basis) - 1e9);
    expect(margins).toEqual([...margins].sort((one, other) => one - other));
    expect(new Set(margins).size).toBe(surestFirst.length);
    expect(withMargin(1000, 'claimed')).toBe(1000);
  });
});

describe('the signed error', () => {
  it('is positive when too much was predicted and negative when too little was', () => {
    expect(signedError(110, 100)).toBeCloseTo(0.1);
    expect(signedError(90, 100)).toBeCloseTo(-0.1);
  });

  it('is nothing when nothing was measured', () => {
    expect(signedError(100, 0)).toBe(0);
  });
});
