import { whyNowhere } from './decision-sentence.js';
import { dryRun, type ObservedSnapshot } from './dry-run.js';
import { emptiedFleet } from './emptied-fleet.js';
import type { Rejection } from './rejection.js';

/** What keeps a device from a wish for good, whatever else happens on it. */
const FOR_GOOD: ReadonlySet<Rejection['reason']> = new Set([
  'device_too_small',
  'too_few_devices',
  'engine_missing',
  'label_missing',
  'other_device_type',
  'other_runner',
]);

/**
 * Why no device of the fleet could ever hold a replica of the deployment, were it alone there. Undefined while one could,
 * while nobody knows how much it takes, and while the fleet has no device yet.
 */
export function whyNeverFits(snapshot: ObservedSnapshot, deploymentId: string): string | undefined {
  const wish = snapshot.wishes.find((each) => each.deploymentId === deploymentId);
  if (wish === undefined) return undefined;
  const alone = { ...wish, minReplicas: 1, maxReplicas: 1, perRunner: false, paused: false };
  const [unplaced] = dryRun({ ...emptiedFleet(snapshot), wishes: [alone] }).unplaced;
  const rejected = unplaced?.rejected ?? [];
  if (unplaced === undefined || rejected.length === 0) return undefined;
  if (!rejected.every(({ reason }) => FOR_GOOD.has(reason))) return undefined;
  return whyNowhere(unplaced.reason, unplaced);
}
