import { failuresInRow, restartDelayMs } from './restart-backoff.js';

describe('restart backoff', () => {
  it('waits longer after each failure in a row, up to half a minute', () => {
    const delays = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map(restartDelayMs);
    expect(delays).toEqual([200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 30_000]);
  });

  it('counts failures in a row', () => {
    expect(failuresInRow(3, 59_999)).toBe(4);
  });

  it('begins anew after a healthy minute', () => {
    expect(failuresInRow(3, 60_000)).toBe(1);
  });
});
