import { decideStops, learnFailures } from './decide-stops.js';
import { FleetIndex, footprintText, type Place } from './fleet-index.js';
import { settingsKey, type FleetSnapshot, type SnapshotAssignment, type Wish } from './fleet-snapshot.js';
import { footprintKeyOf, judgeDevice, wantsEstimate, type Candidate } from './judge-device.js';
import { decideMeasurements, decideReleases, Ledger } from './ledger.js';
import type { EstimateWish, Measurement, PassedOver, Plan, Rejection, Release, Start, Unplaced } from './plan.js';

/**
 * Decides what starts, stops and waits. Depends on the snapshot only: equal snapshots have equal plans,
 * and a second plan on the outcome of the first changes nothing.
 */
export function planPlacements(snapshot: FleetSnapshot): Plan {
  const observed = new FleetIndex(snapshot);
  const { stop, kept } = decideStops(observed);
  const failures = learnFailures(observed, stop);
  const release = decideReleases(observed, stop);
  const measure = decideMeasurements(observed);
  // Places are judged with what this plan has learnt already.
  const fleet = new FleetIndex({ ...snapshot, loadFailures: [...snapshot.loadFailures, ...failures] });
  const ledger = new Ledger(fleet, ledgerAfter(snapshot, release, measure));
  const placed = new Placing(fleet, ledger, kept).placeAll();
  return { ...placed, stop, release, measure, failures, estimate: neededEstimates(fleet) };
}

/** The run of one plan through all wishes, in order; owns the ledger and the fresh ids. */
class Placing {
  private readonly start: Start[] = [];
  private readonly unplaced: Unplaced[] = [];
  private readonly passedOver: PassedOver[] = [];

  constructor(
    private readonly fleet: FleetIndex,
    private readonly ledger: Ledger,
    private readonly kept: readonly SnapshotAssignment[],
  ) {}

  placeAll(): Pick<Plan, 'start' | 'unplaced' | 'passedOver'> {
    for (const wish of this.fleet.wishes.filter(({ paused }) => !paused)) {
      if (wish.perRunner) this.placeOnEachRunner(wish);
      else this.placeMissing(wish);
    }
    return { start: this.start, unplaced: this.unplaced, passedOver: this.passedOver };
  }

  private placeMissing(wish: Wish): void {
    const present = this.kept.filter(({ deploymentId }) => deploymentId === wish.deploymentId).length;
    for (let missing = wish.minReplicas - present; missing > 0; missing -= 1) {
      const { candidates, rejected } = this.judge(wish, this.fleet.places);
      const best = pickBest(candidates);
      if (best === undefined) {
        this.unplaced.push({ ...explain(wish, rejected), missing });
        return;
      }
      this.place(wish, best);
    }
  }

  /** A runner that does not take the replica is passed over; the wish is unmet only below its minimum. */
  private placeOnEachRunner(wish: Wish): void {
    const hosts = new Set(this.kept.filter((home) => home.deploymentId === wish.deploymentId).map(runnerIdOf));
    const hosting: Rejection[] = [];
    const refusing: Rejection[] = [];
    for (const [runnerId, places] of this.fleet.placesByRunner()) {
      if (!hosts.has(runnerId) && hosts.size < wish.maxReplicas) {
        const { candidates, rejected } = this.judge(wish, places);
        const best = pickBest(candidates);
        if (best === undefined) {
          refusing.push(...rejected);
          continue;
        }
        this.place(wish, best);
        hosts.add(runnerId);
      }
      hosting.push(...places.map(({ device: { deviceKey } }) => hasReplica(runnerId, deviceKey)));
    }
    const missing = wish.minReplicas - hosts.size;
    if (missing > 0) this.unplaced.push({ ...explain(wish, [...refusing, ...hosting]), missing });
    else if (refusing.length > 0) this.passedOver.push(explain(wish, refusing));
  }

  private judge(wish: Wish, places: readonly Place[]): { candidates: Candidate[]; rejected: Rejection[] } {
    const question = {
      fleet: this.fleet,
      ledger: this.ledger,
      wish,
      loadingOn: (place: Place) => this.isLoadingOn(wish, place),
    };
    const verdicts = places.map((place) => judgeDevice(question, place));
    return {
      candidates: verdicts.flatMap((verdict) => (verdict.fits ? [verdict.candidate] : [])),
      rejected: verdicts.flatMap((verdict) => (verdict.fits ? [] : [verdict.rejection])),
    };
  }

  private place(wish: Wish, { place, footprint, needBytes, freeBytes, score }: Candidate): void {
    const replicaId = this.fleet.snapshot.freshReplicaIds[this.start.length];
    if (replicaId === undefined) throw new Error('The snapshot has fewer fresh replica ids than replicas to start.');
    this.ledger.reserve(place, needBytes);
    this.start.push({
      replicaId,
      deploymentId: wish.deploymentId,
      runnerId: place.runner.runnerId,
      deviceKey: place.device.deviceKey,
      spec: {
        ...wish.spec,
        contextLength: wish.spec.contextLength === 0 ? footprint.contextLength : wish.spec.contextLength,
        slots: wish.spec.slots === 0 ? footprint.slots : wish.spec.slots,
      },
      settings: settingsKey(wish.spec),
      needBytes,
      freeBytes,
      score,
    });
  }

  private isLoadingOn({ deploymentId }: Wish, { runner, device }: Place): boolean {
    return [...this.kept, ...this.start].some(
      (home) =>
        home.deploymentId === deploymentId &&
        home.runnerId === runner.runnerId &&
        home.deviceKey === device.deviceKey &&
        this.fleet.replica(home.replicaId)?.state !== 'ready',
    );
  }
}

function runnerIdOf({ runnerId }: { runnerId: string }): string {
  return runnerId;
}

function hasReplica(runnerId: string, deviceKey: string): Rejection {
  return { runnerId, deviceKey, reason: 'runner_has_replica' };
}

/** The tightest fit; ties go to the first by runner and device. */
function pickBest(candidates: readonly Candidate[]): Candidate | undefined {
  return candidates.reduce<Candidate | undefined>(
    (best, candidate) => (best === undefined || candidate.score > best.score ? candidate : best),
    undefined,
  );
}

/** From the device closest to taking the replica to the farthest. */
const CLOSENESS: readonly Rejection['reason'][] = [
  'awaiting_footprint',
  'retry_in_progress',
  'quarantined',
  'not_enough_free',
  'footprint_failed',
  'runner_suspect',
  'runner_cordoned',
  'runner_draining',
  'runner_maintenance',
  'device_too_small',
  'engine_missing',
  'runner_has_replica',
  'runner_lost',
];

function explain(wish: Wish, rejected: readonly Rejection[]): PassedOver {
  const needs = rejected.flatMap((rejection) => ('needBytes' in rejection ? [rejection.needBytes] : []));
  const frees = rejected.flatMap((rejection) => ('freeBytes' in rejection ? [rejection.freeBytes] : []));
  return {
    deploymentId: wish.deploymentId,
    modelName: wish.spec.modelName,
    reason: CLOSENESS.find((reason) => rejected.some((rejection) => rejection.reason === reason)) ?? 'no_devices',
    ...(needs.length > 0 && { needBytes: Math.min(...needs) }),
    ...(frees.length > 0 && { bestFreeBytes: Math.max(...frees) }),
    rejected,
  };
}

function ledgerAfter(snapshot: FleetSnapshot, releases: readonly Release[], measurements: readonly Measurement[]) {
  const released = new Set(releases.map(({ replicaId }) => replicaId));
  const measured = new Map(measurements.map(({ replicaId, measuredBytes }) => [replicaId, measuredBytes]));
  return snapshot.reservations
    .filter(({ replicaId }) => !released.has(replicaId))
    .map((reservation) => ({ ...reservation, bytes: measured.get(reservation.replicaId) ?? reservation.bytes }));
}

/** One dry run per unknown footprint, by the first runner that could do it. */
function neededEstimates(fleet: FleetIndex): EstimateWish[] {
  const wanted = new Map<string, EstimateWish>();
  for (const wish of fleet.wishes.filter(({ paused }) => !paused)) {
    for (const place of fleet.places.filter((candidate) => wantsEstimate(fleet, wish, candidate))) {
      const footprint = footprintKeyOf(wish, place);
      const key = footprintText(footprint);
      if (!wanted.has(key)) wanted.set(key, { footprint, spec: wish.spec, runnerId: place.runner.runnerId });
    }
  }
  return [...wanted.values()];
}
