import type { DevicePool } from './device-pools.js';
import type { Place } from './fleet-index.js';
import type { Share } from './lay-out.js';
import { capacityBytes } from './ledger.js';
import type { Swap } from './make-room.js';
import type { PassedOver } from './plan.js';
import type { Question } from './question.js';
import { closeness, type Rejection, type RejectionReason } from './rejection.js';
import type { Need, Rung } from './rungs.js';

/** Devices that one explanation names. */
const MOST_NAMED = 64;

/** What the wish waits for already, and the swap that was weighed for it and found too dear. */
export interface Pending {
  awaited: readonly Share[];
  tooDear?: { swap: Swap; waitingSeconds: number };
}

/** Why no device takes one more replica of the wish, with the numbers of this instant. */
export function explain(question: Question, pending: Pending = { awaited: [] }): PassedOver {
  const { deploymentId, spec } = question.wish;
  const named = nearestPlaces(question);
  const rejected = named.map((place) => ({
    runnerId: place.runner.runnerId,
    deviceKey: place.device.deviceKey,
    ...refusalAt(question, place, pending),
  }));
  return { ...summary(rejected), deploymentId, modelName: spec.modelName, rejected, ...unnamed(question, named) };
}

/** The closest reason, the smallest need and the most that is free. */
function summary(rejected: readonly Rejection[]): Pick<PassedOver, 'reason' | 'needBytes' | 'bestFreeBytes'> {
  const needs = rejected.flatMap((rejection) => ('needBytes' in rejection ? [rejection.needBytes] : []));
  const frees = rejected.flatMap((rejection) => ('freeBytes' in rejection ? [rejection.freeBytes] : []));
  const closest = rejected.reduce<Rejection | undefined>(
    (best, rejection) => (best === undefined || closeness(rejection) < closeness(best) ? rejection : best),
    undefined,
  );
  return {
    reason: closest?.reason ?? 'no_devices',
    ...(needs.length > 0 && { needBytes: Math.min(...needs) }),
    ...(frees.length > 0 && { bestFreeBytes: Math.max(...frees) }),
  };
}

function unnamed(question: Question, named: readonly Place[]): { unnamedDevices?: number } {
  const count = question.judgement.fleet.places.length - named.length;
  return count === 0 ? {} : { unnamedDevices: count };
}

/** All places of a fleet of some devices; of a large one those of the closest pools that have most free. */
function nearestPlaces(question: Question): readonly Place[] {
  const { fleet, pools } = question.judgement;
  if (fleet.places.length <= MOST_NAMED) return fleet.places;
  const ranked = pools.all.map((pool) => ({ pool, rank: rankOf(question, pool) })).sort((a, b) => a.rank - b.rank);
  const nearest: Place[] = [];
  for (const { pool } of ranked) nearest.push(...pool.fullestFirst().slice(nearest.length - MOST_NAMED || undefined));
  return nearest.slice(0, MOST_NAMED).sort((a, b) => a.order - b.order);
}

function rankOf(question: Question, pool: DevicePool): number {
  const mostFree = pool.fullestFirst().at(-1);
  return mostFree === undefined ? Number.MAX_SAFE_INTEGER : closeness(refusalAt(question, mostFree, { awaited: [] }));
}

/** By the rung that comes closest on this device. */
function refusalAt(question: Question, place: Place, pending: Pending): RejectionReason {
  const waiting = pendingAt(question, place, pending);
  if (waiting !== undefined) return waiting;
  const pool = question.judgement.pools.of(place);
  const general = question.refusalOfPool(pool) ?? question.refusalOfPlace(place);
  if (general !== undefined) return general;
  const refusals = question.rungs.map((rung): RejectionReason => {
    const verdict = question.verdict(pool, rung);
    return verdict.takes ? roomRefusal(question, place, { rung, need: verdict.need }) : verdict.refusal;
  });
  const [first, ...others] = refusals;
  if (first === undefined) throw new Error('A wish has at least one rung: its group sizes are not empty.');
  return others.reduce((best, refusal) => (closeness(refusal) < closeness(best) ? refusal : best), first);
}

function pendingAt(question: Question, place: Place, { awaited, tooDear }: Pending): RejectionReason | undefined {
  const share = awaited.find((candidate) => candidate.place === place);
  if (share !== undefined) {
    const { needBytes, freeBytes } = share;
    const comingBytes = question.judgement.ledger.comingBytes(place, question.wish.deploymentId);
    return { reason: 'memory_coming_free', needBytes, freeBytes, comingBytes };
  }
  const dear = tooDear?.swap.candidate.shares.find((candidate) => candidate.place === place);
  if (tooDear === undefined || dear === undefined) return undefined;
  const { needBytes, freeBytes } = dear;
  const { waitingSeconds, swap } = tooDear;
  return { reason: 'swap_not_worth', needBytes, freeBytes, costSeconds: swap.costSeconds, waitingSeconds };
}

/** The device is in a pool that takes the wish: it has too little, or its runner too few like it. */
function roomRefusal(question: Question, place: Place, on: { rung: Rung; need: Need }): RejectionReason {
  const { ledger, pools, fleet } = question.judgement;
  const needBytes = on.need.deviceBytes.at(-1) ?? 0;
  const { capacityBytes: capacity, freeBytes, reservedBytes, unmanagedBytes } = ledger.room(place);
  if (needBytes > capacity) return { reason: 'device_too_small', needBytes, capacityBytes: capacity };
  if (needBytes > freeBytes) return { reason: 'not_enough_free', needBytes, freeBytes, reservedBytes, unmanagedBytes };
  const peers = (fleet.runner(place.runner.runnerId)?.places ?? []).filter(
    (peer) => pools.of(peer) === pools.of(place) && question.accepts(peer) && ledger.freeBytes(peer) >= needBytes,
  );
  if (on.rung.layout === 'cpu_offload') return hostRefusal(question, place, on.need.hostBytes);
  return { reason: 'too_few_devices', deviceCount: on.rung.deviceCount, offered: peers.length };
}

function hostRefusal(question: Question, { runner }: Place, needBytes: number): RejectionReason {
  const { fleet, ledger } = question.judgement;
  const host = fleet.runner(runner.runnerId)?.places.find(({ device }) => device.deviceType === 'cpu');
  if (host === undefined) return { reason: 'device_too_small', needBytes, capacityBytes: 0 };
  const { freeBytes, reservedBytes, unmanagedBytes } = ledger.room(host);
  if (needBytes > capacityBytes(host)) {
    return { reason: 'device_too_small', needBytes, capacityBytes: capacityBytes(host) };
  }
  return { reason: 'not_enough_free', needBytes, freeBytes, reservedBytes, unmanagedBytes };
}
