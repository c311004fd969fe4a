import type { FootprintBasis } from '@millrace/domain/footprint';
import type { FootprintKey, LoadFailure, PeerDevice } from './fleet-snapshot.js';
import type { Rejection } from './rejection.js';
import type { ReplicaSpec } from './wish.js';

/** The rungs of the ladder, from the first tried to the last. */
export type Layout = 'one_device' | 'device_group' | 'several_runners' | 'cpu_offload';

/** Which part of a wish a replica is for. */
export type StartReason = 'min_replicas' | 'demand' | 'per_runner';

/** A replica that is to start, and why there. */
export interface Start {
  replicaId: string;
  deploymentId: string;
  reason: StartReason;
  layout: Layout;
  runnerId: string;
  deviceKey: string;
  /** The wish with the choices filled in that its footprint rests on. */
  spec: ReplicaSpec;
  /** `settingsKey` of the wish. */
  settings: string;
  /** Set aside for it in the ledger, on this device. */
  needBytes: number;
  /** What that number rests on. */
  basis: FootprintBasis;
  /** Free on the device before it, by the same count. */
  freeBytes: number;
  /** The other devices of its group. */
  peers: readonly PeerShare[];
  /** 0..1, the tighter the fit the higher. */
  score: number;
}

/** What a replica takes of a further device. */
export interface PeerShare extends PeerDevice {
  needBytes: number;
  freeBytes: number;
}

export type StopReason =
  | 'deployment_removed'
  | 'deployment_paused'
  | 'wish_changed'
  | 'surplus'
  | 'idle'
  | 'evicted'
  | 'runner_lost'
  | 'runner_draining'
  | 'operator_drain'
  | 'operator_restart'
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
  eviction?: Eviction;
}

/** A replica that takes no new work and stops once it is idle, or at the deadline. */
export interface Drain extends Stop {
  inFlight: number;
  deadlineAtMs: number;
}

/** Whom a replica has to make room for, and what that was weighed by. */
export interface Eviction {
  forDeploymentId: string;
  /** On the device of the stop. */
  freesBytes: number;
  costSeconds: number;
  waitingSeconds: number;
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
  /** What was expected, without margin, and what that rested on; 0 and nothing when nobody had estimated it. */
  predictedBytes: number;
  basis?: FootprintBasis;
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

/** What stands in the way of a wish. */
interface Explanation {
  deploymentId: string;
  modelName: string;
  /** Of the device that is closest to taking it; `no_devices` when the fleet has none. */
  reason: Rejection['reason'] | 'no_devices';
  /** Smallest known need, and the most that is free on a device it is known for. */
  needBytes?: number;
  bestFreeBytes?: number;
  /** Of each device of a fleet with up to 64; of a larger one, of the 64 closest to taking it. */
  rejected: readonly Rejection[];
  /** How many others there are. */
  unnamedDevices?: number;
}

/** A wish that is not met, and how many replicas are missing. */
export interface Unplaced extends Explanation {
  missing: number;
  /** Which part of the wish is not met. */
  part: StartReason;
}

/** A wish of one replica per runner that is met, yet not by every runner. */
export type PassedOver = Explanation;

/** Everything one decision changes, and everything it leaves undone. */
export interface Plan {
  start: readonly Start[];
  stop: readonly Stop[];
  drain: readonly Drain[];
  release: readonly Release[];
  measure: readonly Measurement[];
  failures: readonly LoadFailure[];
  unplaced: readonly Unplaced[];
  passedOver: readonly PassedOver[];
  estimate: readonly EstimateWish[];
}

/** Whether applying the plan would write nothing. */
export function isEmptyPlan(plan: Plan): boolean {
  const { start, stop, drain, release, measure, failures } = plan;
  return [start, stop, drain, release, measure, failures].every((part) => part.length === 0);
}
