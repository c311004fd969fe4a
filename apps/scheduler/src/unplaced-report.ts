import { rejectionSentence, type Unplaced } from '@millrace/domain/placement';
import type { UnplacedReport } from '@millrace/platform/lifecycle';

/** Reasons that pass without anybody's help. */
const TRANSIENT: readonly Unplaced['reason'][] = [
  'no_devices',
  'awaiting_footprint',
  'runner_suspect',
  'runner_lost',
  'retry_in_progress',
  // Memory comes free: a former replica is being stopped, or a person ends another program.
  'not_enough_free',
  'memory_coming_free',
  // The longer it waits, the more it is worth.
  'swap_not_worth',
];

/** What the supervisor hears of a wish that is not met. */
export function unplacedReport(wish: Unplaced): UnplacedReport {
  const closest = wish.rejected.find(({ reason }) => reason === wish.reason);
  return {
    type: 'unplaced',
    deploymentId: wish.deploymentId,
    transient: TRANSIENT.includes(wish.reason),
    message: closest === undefined ? 'no runner has offered a device yet' : rejectionSentence(closest),
  };
}
