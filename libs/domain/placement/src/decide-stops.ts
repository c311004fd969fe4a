import type { FleetIndex } from './fleet-index.js';
import { settingsKey, type LoadFailure, type SnapshotAssignment, type Wish } from './fleet-snapshot.js';
import type { Stop, StopReason } from './plan.js';
import { nextFailure } from './quarantine.js';

/** Which assignments end, and why; the others hold. */
export function decideStops(fleet: FleetIndex): { stop: Stop[]; kept: SnapshotAssignment[] } {
  const stop: Stop[] = [];
  const kept: SnapshotAssignment[] = [];
  for (const assignment of fleet.assignments) {
    const reason = reasonToStop(fleet, assignment);
    if (reason === undefined) kept.push(assignment);
    else stop.push(toStop(fleet, assignment, reason));
  }
  const surplus = new Set(fleet.wishes.flatMap((wish) => surplusOf(fleet, wish, kept)));
  return {
    stop: [...stop, ...[...surplus].map((assignment) => toStop(fleet, assignment, 'surplus'))],
    kept: kept.filter((assignment) => !surplus.has(assignment)),
  };
}

/** What the failed loads among the stops teach about their devices. */
export function learnFailures(fleet: FleetIndex, stops: readonly Stop[]): LoadFailure[] {
  const newest = new Map<string, LoadFailure>();
  for (const { deploymentId, runnerId, deviceKey, replicaId, message } of stops.filter(isFailed)) {
    const settings = fleet.assignment(replicaId)?.settings ?? '';
    const failed = { deploymentId, runnerId, deviceKey, settings, message };
    const key = JSON.stringify([deploymentId, runnerId, deviceKey]);
    newest.set(key, nextFailure(fleet.failure(failed), failed, fleet.snapshot.nowMs));
  }
  return [...newest.values()];
}

function reasonToStop(fleet: FleetIndex, assignment: SnapshotAssignment): StopReason | undefined {
  const wish = fleet.wish(assignment.deploymentId);
  if (wish === undefined) return 'deployment_removed';
  if (wish.paused) return 'deployment_paused';
  if (!isForWish(assignment, wish)) return 'wish_changed';
  const runner = fleet.runner(assignment.runnerId);
  if (runner === undefined || runner.health === 'lost') return 'runner_lost';
  if (runner.adminState === 'draining' || runner.adminState === 'maintenance') return 'runner_draining';
  if (fleet.device(assignment.runnerId, assignment.deviceKey) === undefined) return 'device_gone';
  return fleet.replica(assignment.replicaId)?.state === 'failed' ? 'load_failed' : undefined;
}

function isForWish(assignment: SnapshotAssignment, { spec }: Wish): boolean {
  return (
    assignment.settings === settingsKey(spec) &&
    assignment.spec.artifact === spec.artifact &&
    assignment.spec.engine === spec.engine &&
    assignment.spec.modelName === spec.modelName
  );
}

/** The replicas beyond the maximum, and the second ones on a runner: those that do not serve yet, then the youngest. */
function surplusOf(fleet: FleetIndex, wish: Wish, kept: readonly SnapshotAssignment[]): SnapshotAssignment[] {
  const own = kept.filter((assignment) => assignment.deploymentId === wish.deploymentId);
  const serves = (assignment: SnapshotAssignment) => fleet.replica(assignment.replicaId)?.state === 'ready';
  const ranked = [...own.filter(serves), ...own.filter((assignment) => !serves(assignment))];
  const wanted = new Set((wish.perRunner ? firstPerRunner(ranked) : ranked).slice(0, wish.maxReplicas));
  return ranked.filter((assignment) => !wanted.has(assignment));
}

function firstPerRunner(ranked: readonly SnapshotAssignment[]): SnapshotAssignment[] {
  const seen = new Set<string>();
  return ranked.filter(({ runnerId }) => !seen.has(runnerId) && seen.add(runnerId));
}

function toStop(fleet: FleetIndex, assignment: SnapshotAssignment, reason: StopReason): Stop {
  const { replicaId, deploymentId, runnerId, deviceKey } = assignment;
  return {
    replicaId,
    deploymentId,
    runnerId,
    deviceKey,
    reason,
    message: fleet.replica(replicaId)?.message ?? '',
  };
}

function isFailed(stop: Stop): boolean {
  return stop.reason === 'load_failed';
}
