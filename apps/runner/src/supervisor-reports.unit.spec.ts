import { wholePercents } from './supervisor-reports.js';

describe('the progress of a download', () => {
  it('is told once for each whole percent, and not before its size is known', () => {
    const told: number[] = [];
    const hear = wholePercents((percent) => told.push(percent));
    hear({ receivedBytes: 0, totalBytes: undefined });
    for (let receivedBytes = 0; receivedBytes <= 1_000; receivedBytes++) hear({ receivedBytes, totalBytes: 1_000 });
    expect(told).toEqual(Array.from({ length: 101 }, (_, percent) => percent));
  });
});
