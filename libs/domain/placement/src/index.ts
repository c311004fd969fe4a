/** Which replica runs where, and why not elsewhere? */
export { deviceReserveBytes } from './device-reserve.js';
export type {
  FleetSnapshot,
  FootprintKey,
  ReplicaSpec,
  ReplicaState,
  SnapshotFootprint,
  SnapshotRunner,
} from './fleet-snapshot.js';
export { mostStarts } from './fleet-snapshot.js';
export { planPlacements } from './plan-placements.js';
export { isEmptyPlan } from './plan.js';
export type { EstimateWish, Measurement, PassedOver, Plan, Start, Unplaced } from './plan.js';
export { runnerHealth } from './runner-health.js';
