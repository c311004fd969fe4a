import { predictedBytes } from '@millrace/domain/footprint';
import type { FleetIndex, Place } from './fleet-index.js';
import type { SnapshotReservation } from './fleet-snapshot.js';
import type { Measurement, Release, Stop } from './plan.js';

/** What of a device can be given to a replica, and what stands in the way. Bytes. */
export interface Room {
  /** Of the empty device: total - reserve. */
  capacityBytes: number;
  /** In the ledger. */
  reservedBytes: number;
  /** In use by others than replicas, as far as the device's own count shows. */
  unmanagedBytes: number;
  freeBytes: number;
}

interface Line {
  bytes: number;
  /** The device's own count of free bytes already leaves these out. */
  allocated: boolean;
}

/** The ledger as the plan will leave it. Owned by one run of the planner. */
export class Ledger {
  private readonly linesByDevice = new Map<string, Line[]>();

  constructor(fleet: FleetIndex, reservations: readonly SnapshotReservation[]) {
    for (const { runnerId, deviceKey, replicaId, bytes } of reservations) {
      const state = fleet.replica(replicaId)?.state;
      this.add(runnerId, deviceKey, { bytes, allocated: state === 'ready' || state === 'draining' });
    }
  }

  /** Sets bytes aside for a replica that starts. */
  reserve(place: Place, bytes: number): void {
    this.add(place.runner.runnerId, place.device.deviceKey, { bytes, allocated: false });
  }

  /** free = min(total - reserve - ledger, live free - reserved but not yet allocated). */
  room({ runner, device }: Place): Room {
    const lines = this.linesByDevice.get(deviceText(runner.runnerId, device.deviceKey)) ?? [];
    const allocatedBytes = sumBytes(lines.filter((line) => line.allocated));
    const reservedBytes = sumBytes(lines);
    const capacityBytes = device.totalBytes - device.reserveBytes;
    const unallocatedBytes = reservedBytes - allocatedBytes;
    return {
      capacityBytes,
      reservedBytes,
      unmanagedBytes: Math.max(0, device.totalBytes - device.freeBytes - allocatedBytes),
      freeBytes: Math.max(0, Math.min(capacityBytes - reservedBytes, device.freeBytes - unallocatedBytes)),
    };
  }

  private add(runnerId: string, deviceKey: string, line: Line): void {
    const key = deviceText(runnerId, deviceKey);
    const lines = this.linesByDevice.get(key);
    if (lines === undefined) this.linesByDevice.set(key, [line]);
    else lines.push(line);
  }
}

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

/** The loaded replicas whose reservation still rests on a prediction. */
export function decideMeasurements(fleet: FleetIndex): Measurement[] {
  return fleet.snapshot.reservations
    .filter((reservation) => reservation.basis === 'predicted')
    .flatMap((reservation) => measurementOf(fleet, reservation));
}

function isMemoryFree(fleet: FleetIndex, reservation: SnapshotReservation, stopsNow: boolean): boolean {
  const runner = fleet.runner(reservation.runnerId);
  if (runner === undefined || runner.health === 'lost') return true;
  const state = fleet.replica(reservation.replicaId)?.state;
  if (state === 'failed') return true;
  if (stopsNow || runner.observedGeneration < runner.generation) return false;
  return state === undefined || state === 'stopped';
}

function measurementOf(fleet: FleetIndex, reservation: SnapshotReservation): Measurement[] {
  const { replicaId, runnerId, deviceKey, bytes } = reservation;
  const replica = fleet.replica(replicaId);
  const assignment = fleet.assignment(replicaId);
  const device = fleet.device(runnerId, deviceKey);
  if (assignment === undefined || device === undefined) return [];
  if (replica?.state !== 'ready' || replica.measuredBytes === 0) return [];
  const { spec, settings } = assignment;
  const footprint = { artifact: spec.artifact, engine: spec.engine, settings, deviceType: device.deviceType };
  const known = fleet.footprint(footprint);
  return [
    {
      replicaId,
      runnerId,
      deviceKey,
      footprint,
      reservedBytes: bytes,
      predictedBytes: known?.outcome === 'known' ? predictedBytes(known.footprint.breakdown) : 0,
      measuredBytes: replica.measuredBytes,
      contextLength: replica.contextLength,
      slots: replica.slots,
    },
  ];
}

function sumBytes(lines: readonly Line[]): number {
  return lines.reduce((sum, line) => sum + line.bytes, 0);
}

function deviceText(runnerId: string, deviceKey: string): string {
  return JSON.stringify([runnerId, deviceKey]);
}
