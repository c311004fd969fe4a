import type { Unplaced } from '@millrace/domain/placement';
import type { UnplacedReport } from '@millrace/platform/lifecycle';

type Rejection = Unplaced['rejected'][number];

/** Reasons that pass without anybody's help. */
const TRANSIENT: readonly Unplaced['reason'][] = [
  'no_devices',
  'awaiting_footprint',
  'runner_suspect',
  'runner_lost',
  'retry_in_progress',
  // Memory comes free: a former replica is being stopped, or a person ends another program.
  'not_enough_free',
];

/** What the supervisor hears of a wish that is not met. */
export function unplacedReport(wish: Unplaced): UnplacedReport {
  const closest = wish.rejected.find(({ reason }) => reason === wish.reason);
  return {
    type: 'unplaced',
    deploymentId: wish.deploymentId,
    transient: TRANSIENT.includes(wish.reason),
    message: closest === undefined ? 'no runner has offered a device yet' : sentenceOf(closest),
  };
}

function sentenceOf(rejection: Rejection): string {
  const device = `device ${rejection.deviceKey}`;
  switch (rejection.reason) {
    case 'footprint_failed':
      return rejection.failure;
    case 'quarantined':
    case 'retry_in_progress':
      return rejection.message;
    case 'awaiting_footprint':
      return 'its weights are fetched and measured';
    case 'runner_has_replica':
      return `the runner of ${device} has its replica already`;
    case 'engine_missing':
      return `${device} has no engine ${rejection.engine}; it offers ${rejection.offered.join(', ') || 'none'}`;
    case 'device_too_small':
      return `it needs ${gigabytes(rejection.needBytes)}, and ${device} has ${gigabytes(rejection.capacityBytes)} in all`;
    case 'not_enough_free':
      return `it needs ${gigabytes(rejection.needBytes)}, and ${device} has ${gigabytes(rejection.freeBytes)} free`;
    case 'runner_suspect':
    case 'runner_lost':
    case 'runner_cordoned':
    case 'runner_draining':
    case 'runner_maintenance':
      return `the runner of ${device} is ${rejection.reason.slice('runner_'.length)}`;
  }
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1024 ** 3).toFixed(2)} GB`;
}
