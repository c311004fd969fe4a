import type { Choice } from './cheapest-set.js';
import type { Endings } from './decide-stops.js';
import type { FleetIndex, Place } from './fleet-index.js';
import type { SnapshotAssignment } from './fleet-snapshot.js';
import type { LedgerLine } from './ledger.js';
import { knownFootprint, loadSeconds, type Rung } from './rungs.js';
import { jobsGained } from './served-jobs.js';
import { askOf, type Ask } from './urgency.js';
import type { Wish } from './wish.js';

/** A replica that may be evicted. */
export interface Victim {
  assignment: SnapshotAssignment;
  wish: Wish;
  lines: readonly { place: Place; bytes: number }[];
  /** Seconds of harm: its reload by the chance that it is needed, the work that waits for it, its rank. */
  costSeconds: number;
  /** Jobs of the near future that would not be served without it. */
  lostJobs: number;
  /** What its deployment would ask for if it lost all that it can lose; undefined when that is nothing. */
  loss: Ask | undefined;
}

/** What one victim frees on one device. */
export interface VictimOnDevice extends Choice {
  victim: Victim;
}

/** The victims that are left, by cost and by device. */
export class Victims {
  cheapestFirst: readonly Victim[];
  private readonly byPlace = new Map<Place, VictimOnDevice[]>();

  constructor(victims: readonly Victim[]) {
    this.cheapestFirst = [...victims].sort(byCost);
    for (const victim of this.cheapestFirst) {
      const { costSeconds, wish } = victim;
      for (const { place, bytes } of victim.lines) {
        const choice = { bytes, costSeconds, group: wish.deploymentId, victim };
        const others = this.byPlace.get(place);
        if (others === undefined) this.byPlace.set(place, [choice]);
        else others.push(choice);
      }
    }
  }

  /** Those on the device, the cheapest first. */
  on(place: Place): readonly VictimOnDevice[] {
    return this.byPlace.get(place) ?? [];
  }

  remove(victim: Victim): void {
    this.cheapestFirst = this.cheapestFirst.filter((other) => other !== victim);
    for (const { place } of victim.lines) {
      this.byPlace.set(
        place,
        this.on(place).filter((choice) => choice.victim !== victim),
      );
    }
  }
}

/** A level of priority weighs as much as ten minutes of harm. */
const PRIORITY_SECONDS = 600;
/** A replica without known arrivals is as likely to be needed as not after a minute without work. */
const HALF_LIFE_SECONDS = 60;
/** What a busy replica serves is lost or has to be waited for. */
const BUSY_SECONDS = 30;
/** Where nobody has measured the speed of a replica. */
const USUAL_TOKENS_PER_SECOND = 1_000;

/** The replicas that may be evicted: served long enough, not pinned, not of anybody's minimum. */
export function findVictims(
  fleet: FleetIndex,
  standing: { kept: Endings['kept']; lines: readonly LedgerLine[] },
): Victims {
  const linesOf = linesByReplica(fleet, standing.lines);
  const serving = servingReplicas(fleet, standing.kept);
  const lowest = fleet.wishes.reduce((least, { priority }) => Math.min(least, priority ?? 0), 0);
  const losses = new Map<Wish, Ask | undefined>();
  const victims = [...standing.kept.values()].flat().flatMap((assignment): Victim[] => {
    const wish = fleet.wish(assignment.deploymentId);
    const lines = linesOf.get(assignment.replicaId);
    if (wish === undefined || lines === undefined || !isEvictable(fleet, wish, assignment)) return [];
    const replicas = serving.get(wish.deploymentId) ?? 1;
    if (replicas <= wish.minReplicas) return [];
    if (!losses.has(wish)) losses.set(wish, askOf(fleet, wish, wish.minReplicas));
    const rank = ((wish.priority ?? 0) - lowest) * PRIORITY_SECONDS;
    const costSeconds = rank + harmSeconds(fleet, wish, { assignment, replicas });
    const lostJobs = jobsGained(fleet.demand(wish.deploymentId), replicas - 1, fleet.policy.utilisation);
    return [{ assignment, wish, lines, costSeconds, lostJobs, loss: losses.get(wish) }];
  });
  return new Victims(victims);
}

function linesByReplica(
  fleet: FleetIndex,
  lines: readonly LedgerLine[],
): Map<string, { place: Place; bytes: number }[]> {
  const byReplica = new Map<string, { place: Place; bytes: number }[]>();
  for (const { reservation, bytes } of lines) {
    const place = fleet.place(reservation);
    const own = byReplica.get(reservation.replicaId);
    if (place === undefined) continue;
    if (own === undefined) byReplica.set(reservation.replicaId, [{ place, bytes }]);
    else own.push({ place, bytes });
  }
  return byReplica;
}

/** Replicas that serve, by deployment. One that loads takes nobody's place yet. */
export function servingReplicas(fleet: FleetIndex, kept: Endings['kept']): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [deploymentId, own] of kept) {
    counts.set(deploymentId, own.filter(({ replicaId }) => fleet.replica(replicaId)?.state === 'ready').length);
  }
  return counts;
}

/** Whether its replica stands for what nobody takes away: pins, and the minimum residency. */
function isEvictable(fleet: FleetIndex, wish: Wish, { replicaId }: SnapshotAssignment): boolean {
  const replica = fleet.replica(replicaId);
  if (wish.pinned === true || replica?.state !== 'ready' || replica.activity === undefined) return false;
  return fleet.snapshot.nowMs - replica.activity.readySinceMs >= fleet.policy.minResidencyMs;
}

/** reload seconds * chance of being needed + queued work + work in flight, shared by the replicas that can take over. */
function harmSeconds(fleet: FleetIndex, wish: Wish, of: { assignment: SnapshotAssignment; replicas: number }): number {
  const activity = fleet.replica(of.assignment.replicaId)?.activity;
  const demand = fleet.demand(wish.deploymentId);
  const idleSeconds = Math.max(0, fleet.snapshot.nowMs - (activity?.lastUsedAtMs ?? 0)) / 1_000;
  const rate = demand === undefined ? 0 : demand.replicaTokensPerSecond;
  const queuedSeconds = (demand?.waitingTokens ?? 0) / (rate > 0 ? rate : USUAL_TOKENS_PER_SECOND);
  const reload = reloadSeconds(fleet, wish, of.assignment);
  const chance =
    demand === undefined
      ? HALF_LIFE_SECONDS / (HALF_LIFE_SECONDS + idleSeconds)
      : 1 - Math.exp(-demand.arrivalsPerSecond * HALF_LIFE_SECONDS);
  const busySeconds = (activity?.inFlight ?? 0) > 0 ? BUSY_SECONDS : 0;
  const awaySeconds = reload + fleet.policy.minResidencyMs / 1_000;
  const lateSeconds = ((demand?.arrivalsPerSecond ?? 0) * awaySeconds ** 2) / 2;
  const needed = demand !== undefined && demand.waitingJobs > 0 ? 1 : chance;
  return (reload * needed + queuedSeconds + lateSeconds) / of.replicas + busySeconds;
}

function reloadSeconds(fleet: FleetIndex, wish: Wish, assignment: SnapshotAssignment): number {
  const place = fleet.place(assignment);
  const deviceCount = fleet.groupSize(assignment);
  const rung: Rung = { layout: deviceCount === 1 ? 'one_device' : 'device_group', deviceCount, onCpu: false };
  const known = place === undefined ? undefined : knownFootprint(fleet, wish, { rung, place });
  return known?.outcome === 'known' ? loadSeconds(known) : 0;
}

/** Of equally costly ones the one that would leave by itself first, then by id. */
function byCost(a: Victim, b: Victim): number {
  return (
    a.costSeconds - b.costSeconds ||
    (a.wish.keepAliveMs ?? Number.MAX_SAFE_INTEGER) - (b.wish.keepAliveMs ?? Number.MAX_SAFE_INTEGER) ||
    (a.assignment.replicaId < b.assignment.replicaId ? -1 : 1)
  );
}
