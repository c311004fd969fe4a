/** Which replica runs where, and why not elsewhere? */
export { settingsKey } from './fleet-snapshot.js';
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
export { runnerHealth, type RunnerHealth } from './runner-health.js';
