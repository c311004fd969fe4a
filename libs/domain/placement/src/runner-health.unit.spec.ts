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

  it('is not lost by an age from before its judge began to watch, yet takes no new replicas', () => {
    expect(runnerHealth({ lastHeartbeatAtMs: 0, watchingSinceMs: 90_000 }, 100_000)).toBe('suspect');
    expect(runnerHealth({ lastHeartbeatAtMs: 0, watchingSinceMs: 90_000 }, 120_000)).toBe('lost');
  });

  it('is suspect before the first heartbeat and lost without one', () => {
    expect(runnerHealth({ lastHeartbeatAtMs: undefined, watchingSinceMs: 0 }, 10_000)).toBe('suspect');
    expect(runnerHealth({ lastHeartbeatAtMs: undefined, watchingSinceMs: 0 }, 30_000)).toBe('lost');
  });
});
