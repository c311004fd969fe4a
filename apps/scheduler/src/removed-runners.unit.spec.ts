import { RemovedRunners } from './removed-runners.js';

describe('runners that were deleted', () => {
  it('are those that two looks in a row do not know', () => {
    const removed = new RemovedRunners();
    const known = new Set(['run_a']);
    const look = () => removed.among(['run_a', 'run_b'], (runnerId) => known.has(runnerId));
    expect(look()).toEqual([]);
    expect(look()).toEqual(['run_b']);
  });

  it('are not those that have joined since the fleet was observed', () => {
    const removed = new RemovedRunners();
    expect(removed.among(['run_new'], () => false)).toEqual([]);
    expect(removed.among(['run_new'], () => true)).toEqual([]);
    expect(removed.among(['run_new'], () => false)).toEqual([]);
  });
});
