import type { DevicePool } from './device-pools.js';
import type { Place, RunnerPlaces } from './fleet-index.js';
import type { Layout } from './plan.js';
import type { Question } from './question.js';
import type { Need, Rung } from './rungs.js';

/** What a replica would take of one device, and what is free there before. */
export interface Share {
  place: Place;
  needBytes: number;
  freeBytes: number;
}

/** Devices that would take the replica together; the first one is its main device. */
export interface Candidate {
  layout: Layout;
  need: Need;
  shares: readonly Share[];
  /** 0..1: 1 when the replica leaves nothing free on its devices. */
  score: number;
}

/** Free bytes of a device: now, or once what is coming free has come. */
export type FreeBytes = (place: Place) => number;

/** The best way to lay the replica out on the devices of one runner, by one rung. */
export function layOutOnRunner(
  question: Question,
  rung: Rung,
  on: { runner: RunnerPlaces; freeBytes: FreeBytes },
): Candidate | undefined {
  let best: Candidate | undefined;
  for (const [pool, places] of acceptedByPool(question, on.runner)) {
    const verdict = question.verdict(pool, rung);
    if (!verdict.takes || places.length < verdict.need.deviceBytes.length) continue;
    const shares = tightestShares(places, verdict.need.deviceBytes, on.freeBytes);
    const host = shares === undefined ? [] : hostShare(verdict.need, on);
    if (shares === undefined || host === undefined) continue;
    best = better(best, toCandidate(rung.layout, verdict.need, [...shares, ...host]));
  }
  return best;
}

/** Equally many devices on each of the fewest runners that hold the group together. */
export function layOutOverRunners(
  question: Question,
  rung: Rung,
  on: { pool: DevicePool; freeBytes: FreeBytes },
): Candidate | undefined {
  const verdict = question.verdict(on.pool, rung);
  if (!verdict.takes) return undefined;
  const { need } = verdict;
  for (let count = 2; count <= need.deviceBytes.length; count += 1) {
    if (need.deviceBytes.length % count !== 0) continue;
    const each = need.deviceBytes.slice(0, need.deviceBytes.length / count);
    const parts = on.pool.groups.flatMap(({ places }) => {
      const accepted = places.filter((place) => question.accepts(place));
      const shares = tightestShares(accepted, each, on.freeBytes);
      return shares === undefined ? [] : [toCandidate(rung.layout, need, shares)];
    });
    if (parts.length < count) continue;
    const chosen = parts.sort((a, b) => b.score - a.score || orderOf(a) - orderOf(b)).slice(0, count);
    const shares = chosen.sort((a, b) => orderOf(a) - orderOf(b)).flatMap((part) => part.shares);
    return toCandidate(rung.layout, need, shares);
  }
  return undefined;
}

/** The candidate that leaves less free; ties go to the first by runner and device. */
export function better(best: Candidate | undefined, candidate: Candidate | undefined): Candidate | undefined {
  if (best === undefined || candidate === undefined) return best ?? candidate;
  const isBetter =
    candidate.score > best.score || (candidate.score === best.score && orderOf(candidate) < orderOf(best));
  return isBetter ? candidate : best;
}

export function toCandidate(layout: Layout, need: Need, shares: readonly Share[]): Candidate {
  const filled = shares.map(({ needBytes, freeBytes }) => (freeBytes === 0 ? 1 : Math.min(1, needBytes / freeBytes)));
  return { layout, need, shares, score: filled.reduce((sum, part) => sum + part, 0) / filled.length };
}

/** The runner's devices that the question does not refuse, by pool. */
export function acceptedByPool(question: Question, { places }: RunnerPlaces): Map<DevicePool, Place[]> {
  const byPool = new Map<DevicePool, Place[]>();
  for (const place of places) {
    const pool = question.judgement.pools.of(place);
    if (question.refusalOfPool(pool) !== undefined || !question.accepts(place)) continue;
    const group = byPool.get(pool);
    if (group === undefined) byPool.set(pool, [place]);
    else group.push(place);
  }
  return byPool;
}

/** The largest need first takes the tightest device that is left: fits whenever any assignment of needs does. */
function tightestShares(places: readonly Place[], needs: readonly number[], freeBytes: FreeBytes): Share[] | undefined {
  const left = places.map((place) => ({ place, free: freeBytes(place) }));
  const shares: Share[] = [];
  for (const needBytes of needs) {
    const best = left.reduce<(typeof left)[number] | undefined>(
      (tightest, device) =>
        device.free >= needBytes && (tightest === undefined || device.free < tightest.free) ? device : tightest,
      undefined,
    );
    if (best === undefined) return undefined;
    left.splice(left.indexOf(best), 1);
    shares.push({ place: best.place, needBytes, freeBytes: best.free });
  }
  return shares;
}

/** The CPU's memory on the same runner, where the layout needs it; undefined when it has too little. */
function hostShare(need: Need, on: { runner: RunnerPlaces; freeBytes: FreeBytes }): Share[] | undefined {
  if (need.hostBytes === 0) return [];
  const host = on.runner.places.find(({ device }) => device.deviceType === 'cpu');
  if (host === undefined || on.freeBytes(host) < need.hostBytes) return undefined;
  return [{ place: host, needBytes: need.hostBytes, freeBytes: on.freeBytes(host) }];
}

function orderOf({ shares }: Candidate): number {
  return shares[0]?.place.order ?? 0;
}
