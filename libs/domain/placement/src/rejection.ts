/** Why one device does not take one replica, with the numbers that say so. Bytes of the device, not of its group. */
export type Rejection = { runnerId: string; deviceKey: string } & RejectionReason;

export type RejectionReason =
  | { reason: 'runner_suspect' | 'runner_lost' | 'runner_cordoned' | 'runner_draining' | 'runner_maintenance' }
  | { reason: 'runner_has_replica' }
  | { reason: 'device_has_replica' }
  | { reason: 'engine_missing'; engine: string; offered: readonly string[] }
  | { reason: 'label_missing'; label: string; value: string }
  | { reason: 'other_device_type'; deviceType: string; offered: string }
  | { reason: 'other_runner'; runner: string }
  | { reason: 'awaiting_footprint' }
  | { reason: 'footprint_failed'; failure: string; retryAtMs: number }
  | { reason: 'quarantined'; failures: number; message: string; retryAtMs: number }
  | { reason: 'retry_in_progress'; failures: number; message: string }
  | { reason: 'too_few_devices'; deviceCount: number; offered: number }
  | { reason: 'device_too_small'; needBytes: number; capacityBytes: number }
  | NotEnoughFree
  | { reason: 'memory_coming_free'; needBytes: number; freeBytes: number; comingBytes: number }
  | { reason: 'swap_not_worth'; needBytes: number; freeBytes: number; costSeconds: number; waitingSeconds: number };

interface NotEnoughFree {
  reason: 'not_enough_free';
  needBytes: number;
  freeBytes: number;
  reservedBytes: number;
  unmanagedBytes: number;
}

/** From the device closest to taking the replica to the farthest. */
const CLOSENESS: readonly Rejection['reason'][] = [
  'memory_coming_free',
  'awaiting_footprint',
  'retry_in_progress',
  'quarantined',
  'swap_not_worth',
  'not_enough_free',
  'footprint_failed',
  'runner_suspect',
  'runner_cordoned',
  'runner_draining',
  'runner_maintenance',
  'too_few_devices',
  'device_too_small',
  'device_has_replica',
  'label_missing',
  'other_device_type',
  'other_runner',
  'engine_missing',
  'runner_has_replica',
  'runner_lost',
];

const RANKS = new Map(CLOSENESS.map((reason, rank) => [reason, rank]));

/** The lower, the closer the device is to taking the replica. */
export function closeness({ reason }: { reason: Rejection['reason'] }): number {
  return RANKS.get(reason) ?? CLOSENESS.length;
}
