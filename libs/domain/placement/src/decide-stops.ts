import { mayStay } from './filters.js';
import type { FleetIndex } from './fleet-index.js';
import type { LoadFailure, SnapshotAssignment } from './fleet-snapshot.js';
import type { Drain, Eviction, Stop, StopReason } from './plan.js';
import type { Quarantine } from './quarantine.js';
import { wantedReplicas } from './wanted-replicas.js';
import type { Wish } from './wish.js';

/** Which assignments end now, which finish first what they serve, and which hold. */
export interface Endings {
  stop: Stop[];
  drain: Drain[];
  /** By deployment. */
  kept: ReadonlyMap<string, readonly SnapshotAssignment[]>;
}

/**
 * Ends what has no reason to be there any more. In none of the lists are those that drain already, and those on a lost
 * runner: their deployment asks for others, and should the runner come back, what still runs there need not be loaded.
 */
export function decideEndings(fleet: FleetIndex): Endings {
  const endings: Pick<Endings, 'stop' | 'drain'> = { stop: [], drain: [] };
  const holding = new Map<string, SnapshotAssignment[]>();
  for (const assignment of fleet.assignments) {
    const reason = reasonToStop(fleet, assignment);
    if (reason === 'away') continue;
    if (reason !== undefined) end(endings, fleet, { assignment, reason });
    else if (assignment.drain === undefined) grouped(holding, assignment);
  }
  const kept = new Map<string, readonly SnapshotAssignment[]>();
  for (const [deploymentId, own] of holding) kept.set(deploymentId, endBeyondWanted(endings, fleet, own));
  return { ...endings, kept };
}

/** Stops a replica, or lets it finish first where it serves something and its runner is there to finish it. */
export function end(
  endings: Pick<Endings, 'stop' | 'drain'>,
  fleet: FleetIndex,
  ending: { assignment: SnapshotAssignment; reason: StopReason; eviction?: Eviction },
): void {
  const { assignment, reason, eviction } = ending;
  const { replicaId, deploymentId, runnerId, deviceKey, drain } = assignment;
  const replica = fleet.replica(replicaId);
  const message = replica?.message ?? '';
  const stop = { replicaId, deploymentId, runnerId, deviceKey, reason, message, ...(eviction && { eviction }) };
  const inFlight = replica?.activity?.inFlight ?? 0;
  const sinceMs = drain?.sinceMs ?? fleet.snapshot.nowMs;
  const deadlineAtMs = sinceMs + fleet.policy.drainMs;
  if (inFlight === 0 || !FINISHES_FIRST.has(reason) || fleet.snapshot.nowMs >= deadlineAtMs) endings.stop.push(stop);
  else if (drain === undefined) endings.drain.push({ ...stop, inFlight, deadlineAtMs });
}

/** What the failed loads among the stops teach about their devices. */
export function learnFailures(fleet: FleetIndex, stops: readonly Stop[], quarantine: Quarantine): LoadFailure[] {
  const newest = new Map<string, Omit<LoadFailure, 'failures' | 'failedAtMs'>>();
  for (const { deploymentId, runnerId, deviceKey, replicaId, message } of stops.filter(isFailed)) {
    const settings = fleet.assignment(replicaId)?.settings ?? '';
    newest.set(JSON.stringify([deploymentId, runnerId, deviceKey]), {
      deploymentId,
      runnerId,
      deviceKey,
      settings,
      message,
    });
  }
  return [...newest.values()].map((failed) => quarantine.learn(failed));
}

/** Somebody decided these; nothing is broken, and the runner can finish what it serves. */
const FINISHES_FIRST: ReadonlySet<StopReason> = new Set([
  'deployment_removed',
  'deployment_paused',
  'wish_changed',
  'surplus',
  'idle',
  'evicted',
  'runner_draining',
  'operator_drain',
  'operator_restart',
]);

function reasonToStop(fleet: FleetIndex, assignment: SnapshotAssignment): StopReason | 'away' | undefined {
  const wish = fleet.wish(assignment.deploymentId);
  if (wish === undefined) return 'deployment_removed';
  if (wish.paused) return 'deployment_paused';
  if (!isForWish(fleet, assignment, wish)) return 'wish_changed';
  const runner = fleet.runner(assignment.runnerId)?.runner;
  if (runner === undefined) return 'runner_lost';
  if (runner.health === 'lost') return 'away';
  if (runner.adminState === 'draining' || runner.adminState === 'maintenance') return 'runner_draining';
  const place = fleet.place(assignment);
  const isWhole = assignment.peers?.every((peer) => fleet.place(peer) !== undefined) ?? true;
  if (place === undefined || !isWhole) return 'device_gone';
  if (fleet.replica(assignment.replicaId)?.state === 'failed') return 'load_failed';
  if (!mayStay(wish, place)) return 'wish_changed';
  return assignment.drain?.reason;
}

function isForWish(fleet: FleetIndex, assignment: SnapshotAssignment, wish: Wish): boolean {
  const { spec, placement } = wish;
  const count = placement?.deviceCount;
  return (
    assignment.settings === fleet.settings(wish) &&
    assignment.spec.artifact === spec.artifact &&
    assignment.spec.engine === spec.engine &&
    assignment.spec.modelName === spec.modelName &&
    (count === undefined || count === fleet.groupSize(assignment))
  );
}

/** Ends what is beyond the maximum or too near to another, and what nobody has needed; the others hold. */
function endBeyondWanted(
  endings: Pick<Endings, 'stop' | 'drain'>,
  fleet: FleetIndex,
  own: readonly SnapshotAssignment[],
): readonly SnapshotAssignment[] {
  const wish = fleet.wish(own[0]?.deploymentId ?? '');
  if (wish === undefined) return own;
  const staying = rankedToStay(fleet, wish, own);
  const idle = idleOf(fleet, wish, staying);
  if (staying.length === own.length && idle.size === 0) return own;
  for (const assignment of own) {
    if (!staying.includes(assignment)) end(endings, fleet, { assignment, reason: 'surplus' });
    else if (idle.has(assignment)) end(endings, fleet, { assignment, reason: 'idle' });
  }
  return own.filter((assignment) => staying.includes(assignment) && !idle.has(assignment));
}

/**
 * Those within the maximum and not too near to another: first what serves on a runner that is heard of, then what
 * served when its runner was heard of last, then the oldest.
 */
function rankedToStay(
  fleet: FleetIndex,
  wish: Wish,
  own: readonly SnapshotAssignment[],
): readonly SnapshotAssignment[] {
  if (own.length <= wish.maxReplicas && !wish.perRunner && wish.placement?.antiAffinity === undefined) return own;
  const ranked = own.toSorted((a, b) => usefulness(fleet, b) - usefulness(fleet, a));
  return apart(wish, ranked).slice(0, wish.maxReplicas);
}

function usefulness(fleet: FleetIndex, { replicaId, runnerId }: SnapshotAssignment): number {
  if (fleet.replica(replicaId)?.state !== 'ready') return 0;
  return fleet.runner(runnerId)?.runner.health === 'alive' ? 2 : 1;
}

function apart({ perRunner, placement }: Wish, ranked: readonly SnapshotAssignment[]): readonly SnapshotAssignment[] {
  const affinity = perRunner ? 'runner' : placement?.antiAffinity;
  if (affinity === undefined) return ranked;
  const taken = new Set<string>();
  return ranked.filter((assignment) => {
    const devices = [assignment, ...(assignment.peers ?? [])];
    const texts = devices.map(({ runnerId, deviceKey }) => (affinity === 'runner' ? runnerId : runnerId + deviceKey));
    if (texts.some((text) => taken.has(text))) return false;
    for (const text of texts) taken.add(text);
    return true;
  });
}

/** The longest idle ones beyond what is wanted, if their keep-alive and minimum residency have passed. */
function idleOf(fleet: FleetIndex, wish: Wish, staying: readonly SnapshotAssignment[]): Set<SnapshotAssignment> {
  const { keepAliveMs, perRunner, pinned } = wish;
  const surplus = staying.length - wantedReplicas(wish, fleet.demand(wish.deploymentId), fleet.policy);
  if (keepAliveMs === undefined || perRunner || pinned === true || surplus <= 0) return new Set();
  const { nowMs } = fleet.snapshot;
  const idle = staying.flatMap((assignment) => {
    const replica = fleet.replica(assignment.replicaId);
    const activity = replica?.activity;
    if (replica?.state !== 'ready' || activity === undefined || activity.inFlight > 0) return [];
    const isIdle = nowMs - activity.lastUsedAtMs >= keepAliveMs;
    const isOldEnough = nowMs - activity.readySinceMs >= fleet.policy.minResidencyMs;
    return isIdle && isOldEnough ? [{ assignment, lastUsedAtMs: activity.lastUsedAtMs }] : [];
  });
  idle.sort((a, b) => a.lastUsedAtMs - b.lastUsedAtMs);
  return new Set(idle.slice(0, surplus).map(({ assignment }) => assignment));
}

function grouped(groups: Map<string, SnapshotAssignment[]>, assignment: SnapshotAssignment): void {
  const group = groups.get(assignment.deploymentId);
  if (group === undefined) groups.set(assignment.deploymentId, [assignment]);
  else group.push(assignment);
}

function isFailed(stop: Stop): boolean {
  return stop.reason === 'load_failed';
}
