import {
  fleetHealth,
  type FleetSnapshot,
  type SnapshotAssignment,
  type SnapshotReplica,
  type SnapshotReservation,
  type SnapshotRunner,
  type StopReason,
  type Wish,
} from '@millrace/domain/placement';
import type { FootprintRow } from './known-footprints.js';

/** What the observing statement answers: rows as JSON, null where nothing is known. */
export interface FleetRow extends Pick<FleetSnapshot, 'nowMs' | 'loadFailures'> {
  paused: boolean;
  wishes: WishRow[];
  runners: RunnerRow[];
  assignments: AssignmentRow[];
  replicas: ReplicaRow[];
  reservations: ReservationRow[];
  footprints: FootprintRow[];
}

interface WishRow extends Omit<Wish, 'keepAliveMs'> {
  keepAliveMs: number | null;
  generation: number;
  observedGeneration: number;
}

type RunnerRow = Omit<SnapshotRunner, 'health'> & { lastHeartbeatAtMs: number | null; epoch: number };

interface AssignmentRow extends Omit<SnapshotAssignment, 'drain'> {
  drainReason: StopReason | null;
  drainingSinceMs: number | null;
}

interface ReplicaRow extends Omit<SnapshotReplica, 'activity'> {
  readySinceMs: number | null;
  inFlight: number;
  lastUsedAtMs: number | null;
}

interface ReservationRow extends Omit<SnapshotReservation, 'releasing'> {
  releasingSinceMs: number | null;
  releasingFor: string | null;
}

export function toWish({ keepAliveMs, generation: _, observedGeneration: __, ...wish }: WishRow): Wish {
  return { ...wish, ...(keepAliveMs !== null && { keepAliveMs }) };
}

/** Their health follows from how long each, and how many together, have been silent; see `fleetHealth`. */
export function toRunners(rows: readonly RunnerRow[], watch: Parameters<typeof fleetHealth>[1]): SnapshotRunner[] {
  const healths = fleetHealth(
    rows.map(({ lastHeartbeatAtMs }) => lastHeartbeatAtMs ?? undefined),
    watch,
  );
  return rows.map(({ lastHeartbeatAtMs: _, epoch: __, ...runner }, index) => {
    return { ...runner, health: healths[index] ?? 'suspect' };
  });
}

export function toAssignment({ drainReason, drainingSinceMs, ...assignment }: AssignmentRow): SnapshotAssignment {
  if (drainReason === null || drainingSinceMs === null) return assignment;
  return { ...assignment, drain: { reason: drainReason, sinceMs: drainingSinceMs } };
}

export function toReplica({ readySinceMs, inFlight, lastUsedAtMs, ...replica }: ReplicaRow): SnapshotReplica {
  if (readySinceMs === null) return replica;
  return { ...replica, activity: { readySinceMs, inFlight, lastUsedAtMs: lastUsedAtMs ?? readySinceMs } };
}

export function toReservation({ releasingSinceMs, releasingFor, ...line }: ReservationRow): SnapshotReservation {
  if (releasingSinceMs === null) return line;
  return {
    ...line,
    releasing: { sinceMs: releasingSinceMs, ...(releasingFor !== null && { forDeploymentId: releasingFor }) },
  };
}
