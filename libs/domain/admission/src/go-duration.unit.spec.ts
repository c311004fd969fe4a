import fc from 'fast-check';
import { goDuration } from './go-duration.js';

const UNITS_MS = { h: 3_600_000, m: 60_000, s: 1_000, ms: 1 } as const;

function readGoDuration(text: string): number {
  const parts = [...text.matchAll(/([\d.]+)(ms|h|m|s)/g)];
  return Math.round(parts.reduce((sum, [, count, unit]) => sum + Number(count) * UNITS_MS[unit as 'h'], 0));
}

describe('a duration as Go writes it', () => {
  it.each([
    [0, '0s'],
    [12, '12ms'],
    [999, '999ms'],
    [1_000, '1s'],
    [8_640, '8.64s'],
    [59_999, '59.999s'],
    [60_000, '1m0s'],
    [360_000, '6m0s'],
    [3_600_250, '1h0m0.25s'],
  ])('%d ms is %s', (ms, text) => {
    expect(goDuration(ms)).toBe(text);
  });

  it('means the time it was written from', () => {
    fc.assert(fc.property(fc.nat(100_000_000), (ms) => readGoDuration(goDuration(ms)) === ms));
  });
});
