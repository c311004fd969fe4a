/** `suspect` takes no new replicas; `lost` has lost those it had. */
export type RunnerHealth = 'alive' | 'suspect' | 'lost';

const SUSPECT_AFTER_MS = 15_000;
const LOST_AFTER_MS = 30_000;

/**
 * Judges a runner by the age of its last heartbeat.
 * `watchingSinceMs` is when the judge began to watch without interruption: after a take-over, a store outage or its
 * own pause ages start anew, because heartbeats may have been missed by the judge and not by the runner.
 */
export function runnerHealth(
  heartbeat: { lastHeartbeatAtMs: number | undefined; watchingSinceMs: number },
  nowMs: number,
): RunnerHealth {
  const seenAtMs = Math.max(heartbeat.lastHeartbeatAtMs ?? Number.NEGATIVE_INFINITY, heartbeat.watchingSinceMs);
  const ageMs = nowMs - seenAtMs;
  if (ageMs >= LOST_AFTER_MS) return 'lost';
  return ageMs >= SUSPECT_AFTER_MS ? 'suspect' : 'alive';
}
