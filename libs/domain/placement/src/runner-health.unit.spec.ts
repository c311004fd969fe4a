import { runnerHealth } from './runner-health.js';

describe('the health of a runner', () => {
  it.each([
    [14_999, 'alive'],
    [15_000, 'suspect'],
    [29_999, 'suspect'],
    [30_000, 'lost'],
  ])('%i ms after its last heartbeat is %s', (ageMs, health) => {
    expect(runnerHealth({ lastHeartbeatAtMs: 100_000, watchingSinceMs: 0 }, 100_000 + ageMs)).toBe(health);
  });

  it('is judged anew from the moment its judge began to watch', () => {
    expect(runnerHealth({ lastHeartbeatAtMs: 0, watchingSinceMs: 90_000 }, 100_000)).toBe('alive');
  });

  it('gives a runner that never sent a heartbeat the same time', () => {
    expect(runnerHealth({ lastHeartbeatAtMs: undefined, watchingSinceMs: 0 }, 10_000)).toBe('alive');
    expect(runnerHealth({ lastHeartbeatAtMs: undefined, watchingSinceMs: 0 }, 30_000)).toBe('lost');
  });
});
