import type { DevicePool, DevicePools } from './device-pools.js';
import type { DeviceTime } from './device-time.js';
import { refusalOfPool, runnerName } from './filters.js';
import type { FleetIndex, Place } from './fleet-index.js';
import type { SnapshotFootprint } from './fleet-snapshot.js';
import type { Homes } from './homes.js';
import type { Ledger } from './ledger.js';
import { retryAtMs, type Quarantine } from './quarantine.js';
import type { RejectionReason } from './rejection.js';
import { knownFootprint, needOf, rungsOf, standsOn, type Need, type Rung } from './rungs.js';
import type { Wish } from './wish.js';

/** A failed dry run is asked for again after this long. */
const ESTIMATE_RETRY_MS = 30_000;

/** What devices are judged by. */
export interface Judgement {
  fleet: FleetIndex;
  ledger: Ledger;
  pools: DevicePools;
  quarantine: Quarantine;
  time: DeviceTime;
}

/** What a replica takes of the devices of a pool, or why they do not take it. */
export type Verdict = { takes: true; need: Need } | { takes: false; refusal: RejectionReason };

/** Where can one more replica of the wish go? Remembers what holds for a whole pool. */
export class Question {
  readonly rungs: readonly Rung[];
  private readonly verdicts = new Map<Rung, Map<DevicePool, Verdict>>();
  private readonly refusals = new Map<DevicePool, RejectionReason | undefined>();
  private readonly apart: 'runner' | 'device' | undefined;
  private readonly failsSomewhere: boolean;

  constructor(
    readonly judgement: Judgement,
    readonly wish: Wish,
    /** Of the wish; they change while the plan is made. */
    private readonly homes: Homes,
  ) {
    this.rungs = rungsOf(wish);
    this.apart = wish.perRunner ? 'runner' : wish.placement?.antiAffinity;
    this.failsSomewhere = judgement.quarantine.knows(wish.deploymentId);
  }

  /** Why no device of the pool takes the wish, whatever the rung. */
  refusalOfPool(pool: DevicePool): RejectionReason | undefined {
    if (!this.refusals.has(pool)) this.refusals.set(pool, refusalOfPool(this.wish, pool.sample));
    return this.refusals.get(pool);
  }

  /** Of the pool's devices as such, whatever is free on them. */
  verdict(pool: DevicePool, rung: Rung): Verdict {
    const verdicts = this.verdicts.get(rung) ?? new Map<DevicePool, Verdict>();
    this.verdicts.set(rung, verdicts);
    const known = verdicts.get(pool) ?? this.judgePool(pool, rung);
    verdicts.set(pool, known);
    return known;
  }

  /** Whether nobody knows yet what a replica takes there: a dry run is under way. */
  isBeingEstimated(pool: DevicePool, rung: Rung): boolean {
    const verdict = this.verdict(pool, rung);
    return !verdict.takes && verdict.refusal.reason === 'awaiting_footprint';
  }

  /** What keeps this device from the wish, beside its pool and what is free. */
  refusalOfPlace(place: Place): RejectionReason | undefined {
    return runnerName(this.wish, place) ?? this.tooNear(place) ?? this.quarantined(place);
  }

  accepts(place: Place): boolean {
    return this.refusalOfPlace(place) === undefined;
  }

  /** Whether the device also has time for one more replica beside what runs there. */
  suits(place: Place, most: number): boolean {
    return this.accepts(place) && this.crowding(place, most) === 0;
  }

  /** By how much of its time the device would be overloaded with one more replica. */
  crowding(place: Place, most: number): number {
    const { time } = this.judgement;
    const share = time.shareOf(this.wish.deploymentId, this.homes.count + 1);
    return share === 0 ? 0 : Math.max(0, time.at(place) + share - most);
  }

  private judgePool(pool: DevicePool, rung: Rung): Verdict {
    const refusal = this.refusalOfPool(pool);
    if (refusal !== undefined) return { takes: false, refusal };
    const { deviceType } = pool.sample.device;
    if (!standsOn(rung, deviceType)) {
      const wanted = rung.onCpu ? 'cpu' : 'an accelerator';
      return { takes: false, refusal: { reason: 'other_device_type', deviceType: wanted, offered: deviceType } };
    }
    const known = knownFootprint(this.judgement.fleet, this.wish, { rung, place: pool.sample });
    if (known === undefined) return { takes: false, refusal: { reason: 'awaiting_footprint' } };
    if (known.outcome === 'known') return { takes: true, need: needOf(known, rung) };
    const { failure } = known;
    return { takes: false, refusal: { reason: 'footprint_failed', failure, retryAtMs: estimateRetryAtMs(known) } };
  }

  private tooNear(place: Place): RejectionReason | undefined {
    if (this.apart === 'runner' && this.homes.hasRunner(place.runner.runnerId)) return { reason: 'runner_has_replica' };
    if (this.apart === 'device' && this.homes.hasDevice(place)) return { reason: 'device_has_replica' };
    return undefined;
  }

  /** After a failure one replica at a time is tried, each after a longer wait. */
  private quarantined(place: Place): RejectionReason | undefined {
    if (!this.failsSomewhere) return undefined;
    const { fleet, quarantine } = this.judgement;
    const failure = quarantine.failure(this.wish.deploymentId, fleet.settings(this.wish), place);
    if (failure === undefined) return undefined;
    const { failures, message } = failure;
    const retryAt = retryAtMs(failure);
    if (fleet.snapshot.nowMs < retryAt) return { reason: 'quarantined', failures, message, retryAtMs: retryAt };
    return this.homes.isLoadingOn(place) ? { reason: 'retry_in_progress', failures, message } : undefined;
  }
}

/** When a failed dry run is worth another try. */
export function estimateRetryAtMs(footprint: Extract<SnapshotFootprint, { outcome: 'failed' }>): number {
  return footprint.failedAtMs + ESTIMATE_RETRY_MS;
}
