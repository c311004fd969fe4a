import { HeartbeatWatch } from './heartbeat-watch.js';

describe('the watch over heartbeats', () => {
  it('begins with the first observation and goes on while they follow each other', () => {
    const watch = new HeartbeatWatch();
    expect([10_000, 12_000, 17_000].map((nowMs) => watch.since(nowMs))).toEqual([10_000, 10_000, 10_000]);
  });

  it('begins anew after a gap, and after a take-over', () => {
    const watch = new HeartbeatWatch();
    watch.since(10_000);
    expect(watch.since(15_001)).toBe(15_001);
    watch.restart();
    expect(watch.since(15_002)).toBe(15_002);
  });
});
