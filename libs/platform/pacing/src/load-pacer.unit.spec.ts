import { jest } from '@jest/globals';
import type { EventLoopUtilization } from 'node:perf_hooks';
import { LoadPacer } from './load-pacer.js';

let load: number;
let pacer: LoadPacer;

beforeEach(() => {
  jest.useFakeTimers();
  load = 0;
  const measure = (): EventLoopUtilization => ({ idle: 0, active: 0, utilization: load });
  pacer = new LoadPacer(measure);
});
afterEach(() => {
  pacer.close();
  jest.useRealTimers();
});

/** Lets the pacer notice the load. */
function become(newLoad: number): void {
  load = newLoad;
  jest.advanceTimersByTime(100);
}

describe('pacing by load', () => {
  it('lets nothing wait while the process has time to spare', () => {
    become(0.1);
    expect(pacer.idle).toBe(true);
    become(0.6);
    expect(pacer.idle).toBe(false);
    become(0.1);
    expect(pacer.idle).toBe(true);
  });

  it.each([
    [0.2, 20],
    [0.7, 40],
  ])('at a load of %d does the work of %d ms together', (busy, windowMs) => {
    become(busy);
    const done: string[] = [];
    pacer.later(() => done.push('first'));
    jest.advanceTimersByTime(windowMs - 1);
    pacer.later(() => done.push('second'));
    expect(done).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(done).toEqual(['first', 'second']);
  });

  it('does what waits when it ends', () => {
    become(0.9);
    let done = false;
    pacer.later(() => (done = true));
    pacer.close();
    expect(done).toBe(true);
  });
});
