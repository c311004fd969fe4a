/** `suspect` takes no new replicas; `lost` has lost those it had. */
export type RunnerHealth = 'alive' | 'suspect' | 'lost';

const SUSPECT_AFTER_MS = 15_000;
const LOST_AFTER_MS = 30_000;

/** Silence so long is a second sign: a runner is lost whatever becomes of the others. */
const SURELY_LOST_AFTER_MS = 2 * LOST_AFTER_MS;
/** Of the fleet, that may be lost without a second sign; it is likelier that something else is broken. */
const MOST_LOST_SHARE = 1 / 3;

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

/**
 * Judges all runners, in their order. When more than a third of those that are there would be lost at once (one may
 * always be), they are suspect until they have been silent as long again.
 */
export function fleetHealth(
  lastHeartbeatsAtMs: readonly (number | undefined)[],
  { watchingSinceMs, nowMs }: { watchingSinceMs: number; nowMs: number },
): RunnerHealth[] {
  const surelyLost = (lastHeartbeatAtMs: number | undefined) =>
    nowMs - Math.max(lastHeartbeatAtMs ?? 0, watchingSinceMs) >= SURELY_LOST_AFTER_MS;
  const healths = lastHeartbeatsAtMs.map((lastHeartbeatAtMs) =>
    runnerHealth({ lastHeartbeatAtMs, watchingSinceMs }, nowMs),
  );
  const longGone = lastHeartbeatsAtMs.filter(surelyLost).length;
  const newlyLost = healths.filter((health) => health === 'lost').length - longGone;
  const present = healths.length - longGone;
  if (newlyLost <= Math.max(1, Math.floor(present * MOST_LOST_SHARE))) return healths;
  return healths.map((health, index) =>
    health === 'lost' && !surelyLost(lastHeartbeatsAtMs[index]) ? 'suspect' : health,
  );
}
