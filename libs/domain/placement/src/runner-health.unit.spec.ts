import { fleetHealth, runnerHealth } from './runner-health.js';

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

describe('the health of a fleet', () => {
  /** Of six runners, so many have been silent for so long; the others have just been heard. */
  const healthOf = (silent: number, silentMs: number, watchedMs = 600_000) => {
    const nowMs = 1_000_000;
    const heard = Array.from({ length: 6 }, (_, index) => (index < silent ? nowMs - silentMs : nowMs));
    return fleetHealth(heard, { watchingSinceMs: nowMs - watchedMs, nowMs }).slice(0, silent);
  };

  it('loses a third of it at once, and not more', () => {
    expect(healthOf(2, 30_000)).toEqual(['lost', 'lost']);
    expect(healthOf(3, 30_000)).toEqual(['suspect', 'suspect', 'suspect']);
    expect(healthOf(6, 59_999)).toEqual(Array(6).fill('suspect'));
  });

  it('loses all of it once they have been silent as long again, yet not by the time before it was watched', () => {
    expect(healthOf(6, 60_000)).toEqual(Array(6).fill('lost'));
    expect(healthOf(6, 60_000, 59_999)).toEqual(Array(6).fill('suspect'));
  });

  it('may always lose one runner', () => {
    const watch = { watchingSinceMs: 0, nowMs: 100_000 };
    expect(fleetHealth([70_000], watch)).toEqual(['lost']);
    expect(fleetHealth([70_000, 100_000], watch)).toEqual(['lost', 'alive']);
  });

  it('does not count those that are long gone', () => {
    const watch = { watchingSinceMs: 0, nowMs: 100_000 };
    const gone = Array<number>(9).fill(0);
    expect(fleetHealth([...gone, 70_000, 70_000, 100_000], watch).slice(9)).toEqual(['suspect', 'suspect', 'alive']);
  });
});
