import type { FleetSnapshot } from './fleet-snapshot.js';
import { policyOf, type PlacementPolicy } from './placement-policy.js';
import type { QueueDemand, Wish } from './wish.js';

/** Arrivals below this share of a replica do not keep one by themselves; its keep-alive does. */
const NEGLIGIBLE_SHARE = 0.05;

/** How many replicas the deployment should have now, by its limits and its queue. */
export function wantedReplicas(wish: Wish, demand: QueueDemand | undefined, policy: PlacementPolicy): number {
  if (wish.paused) return 0;
  const busy = demand === undefined ? 0 : busyReplicas(demand, policy);
  return Math.max(wish.minReplicas, Math.min(wish.maxReplicas, busy));
}

/** How many replicas one plan can start at the most. */
export function mostStarts(fleet: Pick<FleetSnapshot, 'wishes' | 'runners' | 'demand' | 'policy'>): number {
  const policy = policyOf(fleet);
  const demand = new Map(fleet.demand?.map((queue) => [queue.deploymentId, queue]));
  const ofWish = (wish: Wish) =>
    wish.perRunner
      ? Math.min(wish.maxReplicas, fleet.runners.length)
      : wantedReplicas(wish, demand.get(wish.deploymentId), policy);
  return fleet.wishes.reduce((sum, wish) => sum + ofWish(wish), 0);
}

/** The seconds of waiting that a load would end: of the oldest job at least, of all at half its wait. */
export function waitingSeconds(demand: QueueDemand | undefined): number {
  if (demand === undefined) return 0;
  return (demand.oldestWaitMs / 1_000) * Math.max(1, demand.waitingJobs / 2);
}

/** Replicas that steady arrivals keep busy, and those that work off the backlog in time. */
function busyReplicas(demand: QueueDemand, { utilisation, backlogMs }: PlacementPolicy): number {
  const rate = demand.replicaTokensPerSecond;
  if (rate <= 0) return demand.waitingJobs > 0 ? 1 : 0;
  const steady = demand.arrivalTokensPerSecond / (rate * utilisation);
  const backlog = demand.waitingTokens / ((rate * backlogMs) / 1_000);
  if (demand.waitingJobs === 0 && steady < NEGLIGIBLE_SHARE) return 0;
  return Math.max(1, Math.ceil(steady + backlog));
}
