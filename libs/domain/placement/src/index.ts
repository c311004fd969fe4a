/** Which replica runs where, and why not elsewhere? */
export { deviceReserveBytes } from './device-reserve.js';
export type {
  AdminState,
  FleetSnapshot,
  FootprintKey,
  PeerDevice,
  ReplicaState,
  SnapshotFootprint,
  SnapshotRunner,
} from './fleet-snapshot.js';
export { mostStarts } from './wanted-replicas.js';
export { planPlacements } from './plan-placements.js';
export { isEmptyPlan } from './plan.js';
export type { EstimateWish, Measurement, PassedOver, Plan, Start, StopReason, Unplaced } from './plan.js';
export { runnerHealth, type RunnerHealth } from './runner-health.js';
export { settingsKey, type PlacementConstraints, type ReplicaSpec } from './wish.js';
