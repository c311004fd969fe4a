import { neededBytes } from '@millrace/domain/footprint';
import type { FleetIndex, Place } from './fleet-index.js';
import { settingsKey, type FootprintKey, type SnapshotFootprint, type Wish } from './fleet-snapshot.js';
import type { Ledger } from './ledger.js';
import type { Rejection } from './plan.js';
import { isRemembered, retryAtMs } from './quarantine.js';

/** A failed dry run is asked for again after this long. */
const ESTIMATE_RETRY_MS = 30_000;

type KnownFootprint = Extract<SnapshotFootprint, { outcome: 'known' }>;

/** A device that would take the replica. */
export interface Candidate {
  place: Place;
  footprint: KnownFootprint;
  needBytes: number;
  freeBytes: number;
  /** 0..1: 1 when the replica leaves nothing free. */
  score: number;
}

export type Verdict = { fits: true; candidate: Candidate } | { fits: false; rejection: Rejection };

/** What a device is judged by. */
export interface Question {
  fleet: FleetIndex;
  ledger: Ledger;
  wish: Wish;
  /** Devices on which the wish has a replica that does not serve yet. */
  loadingOn: (place: Place) => boolean;
}

/** Filters and scores one device for one more replica of a wish. */
export function judgeDevice(question: Question, place: Place): Verdict {
  const blocked = runnerRejection(place) ?? engineRejection(question.wish, place) ?? quarantine(question, place);
  if (blocked !== undefined) return rejected(place, blocked);
  const known = question.fleet.footprint(footprintKeyOf(question.wish, place));
  if (known === undefined) return rejected(place, { reason: 'awaiting_footprint' });
  if (known.outcome === 'failed') {
    return rejected(place, { reason: 'footprint_failed', failure: known.failure, retryAtMs: estimateRetryAtMs(known) });
  }
  return judgeRoom(question.ledger, place, known);
}

export function footprintKeyOf({ spec }: Wish, { device }: Place): FootprintKey {
  return {
    artifact: spec.artifact,
    engine: spec.engine,
    settings: settingsKey(spec),
    deviceType: device.deviceType,
  };
}

/** Whether the device's runner should do a dry run: nothing is known, or the last try failed long enough ago. */
export function wantsEstimate(fleet: FleetIndex, wish: Wish, place: Place): boolean {
  if (runnerRejection(place) !== undefined || engineRejection(wish, place) !== undefined) return false;
  const known = fleet.footprint(footprintKeyOf(wish, place));
  if (known === undefined) return true;
  return known.outcome === 'failed' && fleet.snapshot.nowMs >= estimateRetryAtMs(known);
}

type Reason = Rejection extends infer Each
  ? Each extends unknown
    ? Omit<Each, 'runnerId' | 'deviceKey'>
    : never
  : never;

function rejected({ runner, device }: Place, reason: Reason): Verdict {
  return { fits: false, rejection: { runnerId: runner.runnerId, deviceKey: device.deviceKey, ...reason } };
}

function runnerRejection({ runner }: Place): Reason | undefined {
  if (runner.health !== 'alive') return { reason: `runner_${runner.health}` };
  return runner.adminState === 'active' ? undefined : { reason: `runner_${runner.adminState}` };
}

function engineRejection({ spec }: Wish, { runner }: Place): Reason | undefined {
  if (runner.engines.includes(spec.engine)) return undefined;
  return { reason: 'engine_missing', engine: spec.engine, offered: runner.engines };
}

/** After a failure one replica at a time is tried, each after a longer wait. */
function quarantine({ fleet, wish, loadingOn }: Question, place: Place): Reason | undefined {
  const { nowMs } = fleet.snapshot;
  const failure = fleet.failure({
    deploymentId: wish.deploymentId,
    runnerId: place.runner.runnerId,
    deviceKey: place.device.deviceKey,
  });
  if (failure === undefined || !isRemembered(failure, settingsKey(wish.spec), nowMs)) return undefined;
  const { failures, message } = failure;
  if (nowMs < retryAtMs(failure)) return { reason: 'quarantined', failures, message, retryAtMs: retryAtMs(failure) };
  return loadingOn(place) ? { reason: 'retry_in_progress', failures, message } : undefined;
}

function judgeRoom(ledger: Ledger, place: Place, footprint: KnownFootprint): Verdict {
  const needBytes = neededBytes(footprint.footprint);
  const { capacityBytes, freeBytes, reservedBytes, unmanagedBytes } = ledger.room(place);
  if (needBytes > capacityBytes) return rejected(place, { reason: 'device_too_small', needBytes, capacityBytes });
  if (needBytes > freeBytes) {
    return rejected(place, { reason: 'not_enough_free', needBytes, freeBytes, reservedBytes, unmanagedBytes });
  }
  const score = 1 - (freeBytes - needBytes) / capacityBytes;
  return { fits: true, candidate: { place, footprint, needBytes, freeBytes, score } };
}

function estimateRetryAtMs(footprint: Extract<SnapshotFootprint, { outcome: 'failed' }>): number {
  return footprint.failedAtMs + ESTIMATE_RETRY_MS;
}
