/** `suspect` takes no new replicas; `lost` has lost those it had. */
export type RunnerHealth = 'alive' | 'suspect' | 'lost';

const SUSPECT_AFTER_MS = 15_000;
const LOST_AFTER_MS = 30_000;

/**
 * Judges a runner by the age of its last heartbeat; one that never sent any is suspect at once.
 * `watchingSinceMs` is when the judge began to watch without interruption. Nobody is lost by an age from before it:
 * after a take-over, a store outage or the judge's own pause, heartbeats may have been missed by the judge alone.
 */
export function runnerHealth(
  heartbeat: { lastHeartbeatAtMs: number | undefined; watchingSinceMs: number },
  nowMs: number,
): RunnerHealth {
  const lastAtMs = heartbeat.lastHeartbeatAtMs ?? Number.NEGATIVE_INFINITY;
  if (nowMs - Math.max(lastAtMs, heartbeat.watchingSinceMs) >= LOST_AFTER_MS) return 'lost';
  return nowMs - lastAtMs >= SUSPECT_AFTER_MS ? 'suspect' : 'alive';
}
