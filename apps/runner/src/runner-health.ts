import type { Health } from '@millrace/platform/lifecycle';
import type { FleetFollower } from './follow-fleet.js';
import type { RunnerMetrics } from './metrics/runner-metrics.js';
import type { OwnerLinks } from './owner-links.js';
import type { HostedReplicas } from './reconcile.js';
import type { RedisProbe } from './redis-probe.js';
import { stateName } from './supervisor-reports.js';

/** What a runner's health is read from. */
export interface HealthParts {
  follower: Pick<FleetFollower, 'isConnected'>;
  replicas: HostedReplicas;
  links: OwnerLinks;
  redis: RedisProbe;
}

/** Ready means: joined, connected to a scheduler, and the Redis of the queues answers. */
export function watchHealth(
  { follower, replicas, links, redis }: HealthParts,
  { readiness }: Health,
  metrics: RunnerMetrics,
): void {
  readiness.require(async () => (follower.isConnected ? undefined : 'no scheduler is connected'));
  readiness.require(redis.check);
  metrics.read({
    replicas: () => countByState(replicas),
    slots: () => replicas.slots(),
    links: () => links.count(),
    isConnected: () => follower.isConnected,
  });
  readiness.serve();
}

function countByState(replicas: HostedReplicas): Map<string, number> {
  const counts = new Map<string, number>();
  for (const { state } of replicas.observations()) {
    counts.set(stateName(state), (counts.get(stateName(state)) ?? 0) + 1);
  }
  return counts;
}
