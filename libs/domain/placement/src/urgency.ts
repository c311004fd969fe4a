import type { FleetIndex } from './fleet-index.js';
import type { StartReason } from './plan.js';
import { jobsGained } from './served-jobs.js';
import { waitingSeconds, wantedReplicas } from './wanted-replicas.js';
import type { Wish } from './wish.js';

/** A wish that wants more replicas than it has, and how urgently. */
export interface Ask {
  wish: Wish;
  part: StartReason;
  missing: number;
  /** Without a replica for as long as its bound allows. */
  isOverdue: boolean;
  waitingSeconds: number;
  /** Jobs of the near future that one more replica would serve. */
  gainedJobs: number;
}

/**
 * What the wish asks for while it has so many replicas: first its minimum, then what its queue needs, one replica of a
 * cold model at a time. Undefined when it has enough.
 */
export function askOf(fleet: FleetIndex, wish: Wish, present: number): Ask | undefined {
  const demand = fleet.demand(wish.deploymentId);
  const gainedJobs = jobsGained(demand, present, fleet.policy.utilisation);
  const about = { wish, isOverdue: false, waitingSeconds: waitingSeconds(demand), gainedJobs };
  if (wish.paused) return undefined;
  if (present < wish.minReplicas) return { ...about, part: 'min_replicas', missing: wish.minReplicas - present };
  if (wish.perRunner) return undefined;
  const missing = wantedReplicas(wish, demand, fleet.policy) - present;
  if (missing <= 0) return undefined;
  const isOverdue =
    present === 0 && demand !== undefined && demand.oldestWaitMs >= (wish.coldWaitMs ?? fleet.policy.coldWaitMs);
  return { ...about, part: 'demand', missing: present === 0 ? 1 : missing, isOverdue };
}

/** Negative when `a` goes first: minimums, overdue models, priority, what has waited most, most jobs, then by id. */
export function byUrgency(a: Ask, b: Ask): number {
  return (
    stageOf(a) - stageOf(b) ||
    (b.wish.priority ?? 0) - (a.wish.priority ?? 0) ||
    (a.part === 'demand' ? b.waitingSeconds - a.waitingSeconds || b.gainedJobs - a.gainedJobs : 0) ||
    (a.wish.deploymentId < b.wish.deploymentId ? -1 : a.wish.deploymentId > b.wish.deploymentId ? 1 : 0)
  );
}

function stageOf({ part, isOverdue }: Ask): number {
  if (part === 'min_replicas') return 0;
  return isOverdue ? 1 : 2;
}
