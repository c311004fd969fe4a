import type { FootprintKey, LoadFailure, ReplicaSpec } from './fleet-snapshot.js';

/** A replica that is to start on a device, and why there. */
export interface Start {
  replicaId: string;
  deploymentId: string;
  runnerId: string;
  deviceKey: string;
  /** The wish with the choices filled in that its footprint rests on. */
  spec: ReplicaSpec;
  /** `settingsKey` of the wish. */
  settings: string;
  /** Set aside for it in the ledger. */
  needBytes: number;
  /** Free on the device before it, by the same count. */
  freeBytes: number;
  /** 0..1, the tighter the fit the higher. */
  score: number;
}

export type StopReason =
  | 'deployment_removed'
  | 'deployment_paused'
  | 'wish_changed'
  | 'surplus'
  | 'runner_lost'
  | 'runner_draining'
  | 'device_gone'
  | 'load_failed';

/** A replica that is assigned no more. Its reservation stays until its memory is free. */
export interface Stop {
  replicaId: string;
  deploymentId: string;
  runnerId: string;
  deviceKey: string;
  reason: StopReason;
  /** What its runner said of it last. */
  message: string;
}

/** A line of the ledger that ends: the memory is free, or its runner is lost. */
export interface Release {
  replicaId: string;
  runnerId: string;
  deviceKey: string;
}

/** A loaded replica's memory, which takes the place of its prediction. */
export interface Measurement {
  replicaId: string;
  runnerId: string;
  deviceKey: string;
  footprint: FootprintKey;
  reservedBytes: number;
  /** By the dry run, without margin; 0 when there was none. */
  predictedBytes: number;
  measuredBytes: number;
  contextLength: number;
  slots: number;
}

/** A dry run that is needed, and the runner that is to do it. */
export interface EstimateWish {
  footprint: FootprintKey;
  spec: ReplicaSpec;
  runnerId: string;
}

/** Why one device does not take one replica. */
export type Rejection = { runnerId: string; deviceKey: string } & (
  | { reason: 'runner_suspect' | 'runner_lost' | 'runner_cordoned' | 'runner_draining' | 'runner_maintenance' }
  | { reason: 'runner_has_replica' }
  | { reason: 'engine_missing'; engine: string; offered: readonly string[] }
  | { reason: 'awaiting_footprint' }
  | { reason: 'footprint_failed'; failure: string; retryAtMs: number }
  | { reason: 'quarantined'; failures: number; message: string; retryAtMs: number }
  | { reason: 'retry_in_progress'; failures: number; message: string }
  | { reason: 'device_too_small'; needBytes: number; capacityBytes: number }
  | { reason: 'not_enough_free'; needBytes: number; freeBytes: number; reservedBytes: number; unmanagedBytes: number }
);

/** What stands in the way of a wish on each device that was judged for it. */
interface Explanation {
  deploymentId: string;
  modelName: string;
  /** Of the device that is closest to taking it; `no_devices` when the fleet has none. */
  reason: Rejection['reason'] | 'no_devices';
  /** Smallest known need, and the most that is free on a device it is known for. */
  needBytes?: number;
  bestFreeBytes?: number;
  rejected: readonly Rejection[];
}

/** A wish that is not met, and how many replicas are missing. */
export interface Unplaced extends Explanation {
  missing: number;
}

/** A wish of one replica per runner that is met, yet not by every runner. */
export type PassedOver = Explanation;

/** Everything one decision changes, and everything it leaves undone. */
export interface Plan {
  start: readonly Start[];
  stop: readonly Stop[];
  release: readonly Release[];
  measure: readonly Measurement[];
  failures: readonly LoadFailure[];
  unplaced: readonly Unplaced[];
  passedOver: readonly PassedOver[];
  estimate: readonly EstimateWish[];
}

/** Whether applying the plan would write nothing. */
export function isEmptyPlan(plan: Plan): boolean {
  return [plan.start, plan.stop, plan.release, plan.measure, plan.failures].every((part) => part.length === 0);
}
