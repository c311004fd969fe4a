import { predictedBytes } from '@millrace/domain/footprint';
import type { FleetIndex } from './fleet-index.js';
import type { SnapshotFootprint, SnapshotReservation } from './fleet-snapshot.js';
import type { LedgerLine } from './ledger.js';
import type { Drain, Measurement, Release, Stop } from './plan.js';

/**
 * The reservations whose memory is free again. A replica that is stopped by this plan holds its memory on,
 * unless it failed or its runner is lost; one that was stopped earlier, until its runner has seen the newest
 * assignments and reports it stopped or not at all.
 */
export function decideReleases(fleet: FleetIndex, stops: readonly Stop[]): Release[] {
  const stopping = new Set(stops.map((stop) => stop.replicaId));
  return fleet.snapshot.reservations
    .filter(({ replicaId }) => stopping.has(replicaId) || fleet.assignment(replicaId) === undefined)
    .filter((reservation) => isMemoryFree(fleet, reservation, stopping.has(reservation.replicaId)))
    .map(({ replicaId, runnerId, deviceKey }) => ({ replicaId, runnerId, deviceKey }));
}

/** The loaded replicas whose reservation still rests on a prediction. A group is measured as a whole: it keeps its own. */
export function decideMeasurements(fleet: FleetIndex): Measurement[] {
  return fleet.snapshot.reservations
    .filter((reservation) => reservation.basis === 'predicted')
    .flatMap((reservation) => measurementOf(fleet, reservation));
}

/** What the ledger holds when the plan begins to place, and what of it comes free. */
export function ledgerLines(
  fleet: FleetIndex,
  decided: {
    stop: readonly Stop[];
    drain: readonly Drain[];
    release: readonly Release[];
    measure: readonly Measurement[];
  },
): LedgerLine[] {
  const released = new Set(decided.release.map(({ replicaId }) => replicaId));
  const leaving = new Set([...decided.stop, ...decided.drain].map(({ replicaId }) => replicaId));
  const measured = new Map(decided.measure.map(({ replicaId, measuredBytes }) => [replicaId, measuredBytes]));
  const lines: LedgerLine[] = [];
  for (const reservation of fleet.snapshot.reservations) {
    const { replicaId } = reservation;
    if (released.has(replicaId)) continue;
    const bytes = measured.get(replicaId) ?? reservation.bytes;
    lines.push({ reservation, bytes, comesFree: leaving.has(replicaId) || comesFree(fleet, reservation) });
  }
  return lines;
}

/** Its replica was stopped or drains already, not so long ago that the memory has to be taken for leaked. */
function comesFree(fleet: FleetIndex, line: SnapshotReservation): boolean {
  const assignment = fleet.assignment(line.replicaId);
  if (assignment !== undefined) return assignment.drain !== undefined;
  const sinceMs = line.releasing?.sinceMs ?? fleet.snapshot.nowMs;
  return fleet.snapshot.nowMs - sinceMs < fleet.policy.releaseMs;
}

function isMemoryFree(fleet: FleetIndex, reservation: SnapshotReservation, stopsNow: boolean): boolean {
  const runner = fleet.runner(reservation.runnerId)?.runner;
  if (runner === undefined || runner.health === 'lost') return true;
  const state = fleet.replica(reservation.replicaId)?.state;
  if (state === 'failed') return true;
  if (stopsNow || runner.observedGeneration < runner.generation) return false;
  return state === undefined || state === 'stopped';
}

function predictionOf(known: SnapshotFootprint | undefined): Pick<Measurement, 'predictedBytes' | 'basis'> {
  if (known?.outcome !== 'known') return { predictedBytes: 0 };
  const { footprint } = known;
  return { predictedBytes: predictedBytes(footprint), basis: footprint.basis };
}

function measurementOf(fleet: FleetIndex, reservation: SnapshotReservation): Measurement[] {
  const { replicaId, runnerId, deviceKey, bytes } = reservation;
  const replica = fleet.replica(replicaId);
  const assignment = fleet.assignment(replicaId);
  const place = fleet.place(reservation);
  if (assignment === undefined || place === undefined || (assignment.peers ?? []).length > 0) return [];
  if (replica?.state !== 'ready' || replica.measuredBytes === 0) return [];
  const { spec, settings } = assignment;
  const footprint = { artifact: spec.artifact, engine: spec.engine, settings, deviceType: place.device.deviceType };
  const known = fleet.footprint(footprint);
  return [
    {
      replicaId,
      runnerId,
      deviceKey,
      footprint,
      reservedBytes: bytes,
      ...predictionOf(known),
      measuredBytes: replica.measuredBytes,
      contextLength: replica.contextLength,
      slots: replica.slots,
    },
  ];
}
