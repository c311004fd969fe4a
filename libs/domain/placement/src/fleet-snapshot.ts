import type { Footprint } from '@millrace/domain/footprint';
import type { RunnerHealth } from './runner-health.js';

/** What a runner is to load. 0 leaves the choice to the engine. */
export interface ReplicaSpec {
  modelName: string;
  artifact: string;
  engine: string;
  contextLength: number;
  slots: number;
  engineOptions: Readonly<Record<string, unknown>>;
}

/** As runners report them. `stopped` and `failed` replicas hold no memory any more. */
export type ReplicaState = 'loading' | 'ready' | 'draining' | 'stopped' | 'failed';

/** `cordoned` takes no new replicas; `draining` and `maintenance` also give up those they have. */
export type AdminState = 'active' | 'cordoned' | 'draining' | 'maintenance';

/** A deployment: serve this with so many replicas. */
export interface Wish {
  deploymentId: string;
  spec: ReplicaSpec;
  minReplicas: number;
  maxReplicas: number;
  /** One replica on each runner that can hold it, at most `maxReplicas`; below `minReplicas` it is not met. */
  perRunner: boolean;
  paused: boolean;
}

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
  adminState: AdminState;
  health: RunnerHealth;
  engines: readonly string[];
  /** Version of its assignments, and the newest one it says it has seen. */
  generation: number;
  observedGeneration: number;
  devices: readonly SnapshotDevice[];
}

/** A placement that was decided earlier and still holds. */
export interface SnapshotAssignment {
  replicaId: string;
  deploymentId: string;
  runnerId: string;
  deviceKey: string;
  spec: ReplicaSpec;
  /** `settingsKey` of the wish it was made for. */
  settings: string;
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
}

/** A line of the ledger. */
export interface SnapshotReservation {
  replicaId: string;
  runnerId: string;
  deviceKey: string;
  bytes: number;
  basis: 'predicted' | 'measured';
}

/** What is known of (artifact, engine, settings, device type); a failed dry run counts as known. */
export type SnapshotFootprint = FootprintKey &
  (
    | { outcome: 'known'; footprint: Footprint; contextLength: number; slots: number }
    | { outcome: 'failed'; failure: string; failedAtMs: number }
  );

export interface FootprintKey {
  artifact: string;
  engine: string;
  settings: string;
  deviceType: string;
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
  /** Names for replicas that start, used from the front; at least `mostStarts` of them. */
  freshReplicaIds: readonly string[];
}

/** How many replicas one plan can start at the most. */
export function mostStarts({ wishes, runners }: Pick<FleetSnapshot, 'wishes' | 'runners'>): number {
  const ofWish = ({ perRunner, minReplicas, maxReplicas }: Wish) =>
    perRunner ? Math.min(maxReplicas, runners.length) : minReplicas;
  return wishes.reduce((sum, wish) => sum + ofWish(wish), 0);
}

/** Canonical JSON of what a wish leaves to the replica's settings; equal settings have equal footprints. */
export function settingsKey(spec: ReplicaSpec): string {
  return canonicalJson({
    contextLength: spec.contextLength,
    slots: spec.slots,
    engineOptions: spec.engineOptions,
  });
}

function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) => (isRecord(member) ? sortedByKey(member) : member));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function sortedByKey(record: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
}
