import { ticksOf } from './processor-time.js';

const STAT = '42 (node (x) 1) S 1 42 42 0 -1 4194560 100 0 0 0 70 30 5 2 20 0 11 0 1234 0 0';

describe('ticksOf', () => {
  it('adds user and system time, whatever the name of the command holds', () => {
    expect(ticksOf(STAT, false)).toBe(100);
  });

  it('adds the time of children that have ended when asked to', () => {
    expect(ticksOf(STAT, true)).toBe(107);
  });

  it('is nothing for a process that has gone', () => {
    expect(ticksOf('', true)).toBe(0);
  });
});
