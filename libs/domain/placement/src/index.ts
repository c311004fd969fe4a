/** Which replica runs where, and why not elsewhere? */
export { deviceReserveBytes } from './device-reserve.js';
export { decisionSentence, whyNowhere } from './decision-sentence.js';
export { dryRun, withWish, type ObservedSnapshot } from './dry-run.js';
export { evaluateWish, type DeviceVerdict, type Evaluation } from './evaluate-wish.js';
export type {
  AdminState,
  FleetSnapshot,
  FootprintKey,
  KnownFootprint,
  PeerDevice,
  ReplicaState,
  SnapshotAssignment,
  SnapshotFootprint,
  SnapshotReplica,
  SnapshotReservation,
  SnapshotRunner,
} from './fleet-snapshot.js';
export { mostStarts } from './wanted-replicas.js';
export { whyNeverFits } from './never-fits.js';
export { planPlacements } from './plan-placements.js';
export { isEmptyPlan } from './plan.js';
export type { Drain, EstimateWish, Measurement, PassedOver, Plan, Start, Stop, StopReason, Unplaced } from './plan.js';
export { policyOf, type PlacementPolicy } from './placement-policy.js';
export type { Rejection } from './rejection.js';
export { rejectionSentence } from './rejection-sentence.js';
export { fleetHealth, runnerHealth, type RunnerHealth } from './runner-health.js';
export {
  optionsOfSettings,
  settingsKey,
  type PlacementConstraints,
  type QueueDemand,
  type ReplicaSpec,
  type Wish,
} from './wish.js';
