import { isCurrent } from './reconcile.js';

describe('assignments', () => {
  const seen = { epoch: 5, generation: 10 };

  it('of a newer leader are followed, whatever their generation', () => {
    expect(isCurrent({ epoch: 6, generation: 1 }, seen)).toBe(true);
  });

  it('of a deposed leader are ignored, whatever their generation', () => {
    expect(isCurrent({ epoch: 4, generation: 99 }, seen)).toBe(false);
  });

  it('of the same leader are followed unless they are older', () => {
    expect(isCurrent({ epoch: 5, generation: 10 }, seen)).toBe(true);
    expect(isCurrent({ epoch: 5, generation: 9 }, seen)).toBe(false);
  });
});
