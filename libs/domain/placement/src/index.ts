/** Which replica runs where, and why not elsewhere? */
export { deviceReserveBytes } from './device-reserve.js';
export type {
  AdminState,
  FleetSnapshot,
  FootprintKey,
  LoadFailure,
  ReplicaSpec,
  ReplicaState,
  SnapshotAssignment,
  SnapshotDevice,
  SnapshotFootprint,
  SnapshotReplica,
  SnapshotReservation,
  SnapshotRunner,
  Wish,
} from './fleet-snapshot.js';
export { planPlacements } from './plan-placements.js';
export { isEmptyPlan } from './plan.js';
export type { EstimateWish, Measurement, Plan, Rejection, Release, Start, Stop, StopReason, Unplaced } from './plan.js';
export { runnerHealth, type RunnerHealth } from './runner-health.js';
