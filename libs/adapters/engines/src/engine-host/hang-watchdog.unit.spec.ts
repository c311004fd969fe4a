import { jest } from '@jest/globals';
import { HangWatchdog } from './hang-watchdog.js';

describe('the watchdog of an engine', () => {
  let hangs = 0;
  let watchdog: HangWatchdog;

  beforeEach(() => {
    jest.useFakeTimers();
    hangs = 0;
    watchdog = new HangWatchdog(1000, () => (hangs += 1));
  });
  afterEach(() => jest.useRealTimers());

  it('reports silence while there is work, once', () => {
    watchdog.start();
    jest.advanceTimersByTime(1000);
    expect(hangs).toBe(0);
    jest.advanceTimersByTime(100);
    expect(hangs).toBe(1);
    jest.advanceTimersByTime(5000);
    expect(hangs).toBe(1);
  });

  it('waits less for an engine that was asked to end an answer, until that gives a sign', () => {
    watchdog.start();
    watchdog.hurry();
    watchdog.sign();
    jest.advanceTimersByTime(600);
    expect(hangs).toBe(0);
    watchdog.sign();
    watchdog.hurry();
    jest.advanceTimersByTime(500);
    expect(hangs).toBe(1);
  });

  it('is content with a sign now and then', () => {
    watchdog.start();
    for (let second = 0; second < 60; second += 1) {
      jest.advanceTimersByTime(900);
      watchdog.sign();
    }
    expect(hangs).toBe(0);
  });

  it('does not watch an idle engine', () => {
    watchdog.start();
    watchdog.stop();
    jest.advanceTimersByTime(60_000);
    expect(hangs).toBe(0);
  });
});
