import type { Footprint } from '@millrace/domain/footprint';
import type { PlacementPolicy } from './placement-policy.js';
import type { StopReason } from './plan.js';
import type { RunnerHealth } from './runner-health.js';
import type { QueueDemand, ReplicaSpec, Wish } from './wish.js';

/** As runners report them. `stopped` and `failed` replicas hold no memory any more. */
export type ReplicaState = 'loading' | 'ready' | 'draining' | 'stopped' | 'failed';

/** `cordoned` takes no new replicas; `draining` and `maintenance` also give up those they have. */
export type AdminState = 'active' | 'cordoned' | 'draining' | 'maintenance';

export interface SnapshotDevice {
  deviceKey: string;
  deviceType: string;
  totalBytes: number;
  /** Free as measured on the device, whoever uses the rest. */
  freeBytes: number;
  /** Never given to replicas. */
  reserveBytes: number;
}

export interface SnapshotRunner {
  runnerId: string;
  name: string;
  labels?: Readonly<Record<string, string>>;
  adminState: AdminState;
  health: RunnerHealth;
  engines: readonly string[];
  /** Version of its assignments, and the newest one it says it has seen. */
  generation: number;
  observedGeneration: number;
  devices: readonly SnapshotDevice[];
}

/** A device of a group beside the replica's first one. */
export interface PeerDevice {
  runnerId: string;
  deviceKey: string;
}

/** A placement that was decided earlier and still holds. */
export interface SnapshotAssignment {
  replicaId: string;
  deploymentId: string;
  runnerId: string;
  deviceKey: string;
  /** The other devices of its group; none when not given. */
  peers?: readonly PeerDevice[];
  spec: ReplicaSpec;
  /** `settingsKey` of the wish it was made for. */
  settings: string;
  /** It takes no new work and stops once it is idle. Never taken back. */
  drain?: { reason: StopReason; sinceMs: number };
}

/** A replica as its runner last reported it. */
export interface SnapshotReplica {
  replicaId: string;
  runnerId: string;
  state: ReplicaState;
  /** 0 until measured. */
  measuredBytes: number;
  slots: number;
  contextLength: number;
  message: string;
  /** A replica whose activity nobody knows is neither evicted nor stopped for idleness. */
  activity?: ReplicaActivity;
}

export interface ReplicaActivity {
  readySinceMs: number;
  /** Attempts that it serves now. */
  inFlight: number;
  lastUsedAtMs: number;
}

/** A line of the ledger. */
export interface SnapshotReservation {
  replicaId: string;
  runnerId: string;
  deviceKey: string;
  bytes: number;
  basis: 'predicted' | 'measured';
  /** When its replica was stopped, and the deployment that the memory was taken for, if it was evicted. */
  releasing?: { sinceMs: number; forDeploymentId?: string };
}

/** What is known of (artifact, engine, settings, device type, group); a failed dry run counts as known. */
export type SnapshotFootprint = FootprintKey &
  (KnownFootprint | { outcome: 'failed'; failure: string; failedAtMs: number });

export interface KnownFootprint {
  outcome: 'known';
  /** On one device; of a group, on each. */
  footprint: Footprint;
  /** On the group's further devices, where they take something else; all take `footprint` when not given. */
  peers?: readonly Footprint[];
  /** In the memory of the runner's CPU, where a part of the weights stays there. */
  host?: Footprint;
  contextLength: number;
  slots: number;
  /** How long a load takes; estimated from the weights when not given. */
  loadMs?: number;
}

export interface FootprintKey {
  artifact: string;
  engine: string;
  settings: string;
  deviceType: string;
  /** Of the group; 1 when not given. */
  deviceCount?: number;
  /** With a part of the weights in the memory of the runner's CPU. */
  offloaded?: boolean;
}

/** Loads of a deployment that failed in a row on one device. */
export interface LoadFailure {
  deploymentId: string;
  runnerId: string;
  deviceKey: string;
  settings: string;
  failures: number;
  failedAtMs: number;
  message: string;
}

/** An immutable view of the fleet at one instant; everything a plan depends on. */
export interface FleetSnapshot {
  nowMs: number;
  wishes: readonly Wish[];
  runners: readonly SnapshotRunner[];
  assignments: readonly SnapshotAssignment[];
  replicas: readonly SnapshotReplica[];
  reservations: readonly SnapshotReservation[];
  footprints: readonly SnapshotFootprint[];
  loadFailures: readonly LoadFailure[];
  /** A deployment that is not named has none. */
  demand?: readonly QueueDemand[];
  policy?: Partial<PlacementPolicy>;
  /** Names for replicas that start, used from the front; at least `mostStarts` of them. */
  freshReplicaIds: readonly string[];
}
