import type { FleetSnapshot } from './fleet-snapshot.js';
import { planPlacements } from './plan-placements.js';
import type { Plan } from './plan.js';
import { policyOf } from './placement-policy.js';
import { mostStarts } from './wanted-replicas.js';
import type { QueueDemand, Wish } from './wish.js';

/** A snapshot that nothing is going to be started on. */
export type ObservedSnapshot = Omit<FleetSnapshot, 'freshReplicaIds'>;

/** What the planner would decide now; the ids of replicas that start stand for none. */
export function dryRun(snapshot: ObservedSnapshot): Plan {
  const freshReplicaIds = Array.from({ length: mostStarts(snapshot) }, (_each, index) => `new-${String(index)}`);
  return planPlacements({ ...snapshot, freshReplicaIds });
}

/**
 * The snapshot as it would be with this wish beside or in the place of what is wished. A deployment on demand that nobody
 * asks for is taken as if one job had waited for it to its bound: else nothing would be planned for it.
 */
export function withWish(snapshot: ObservedSnapshot, wish: Wish): ObservedSnapshot {
  const isOther = ({ deploymentId }: { deploymentId: string }) => deploymentId !== wish.deploymentId;
  const demand = snapshot.demand ?? [];
  const isAskedFor = wish.minReplicas > 0 || demand.some((queue) => !isOther(queue) && queue.waitingJobs > 0);
  const oneJob = oneJobFor(wish.deploymentId, wish.coldWaitMs ?? policyOf(snapshot).coldWaitMs);
  return {
    ...snapshot,
    wishes: [...snapshot.wishes.filter(isOther), wish],
    demand: isAskedFor ? demand : [...demand.filter(isOther), oneJob],
  };
}

function oneJobFor(deploymentId: string, oldestWaitMs: number): QueueDemand {
  return {
    ...{ deploymentId, waitingJobs: 1, waitingTokens: 1, oldestWaitMs },
    ...{ arrivalsPerSecond: 0, arrivalTokensPerSecond: 0, replicaTokensPerSecond: 0 },
  };
}
