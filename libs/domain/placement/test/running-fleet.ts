import type { FleetSnapshot, SnapshotReplica } from '../src/fleet-snapshot.js';
import { planPlacements } from '../src/plan-placements.js';
import type { Plan } from '../src/plan.js';
import type { QueueDemand } from '../src/wish.js';
import { applied, NOW_MS } from './snapshot-builder.js';

const SERVED_AT_ONCE = { arrivalsPerSecond: 0, arrivalTokensPerSecond: 0, replicaTokensPerSecond: 0 };

/** Jobs that wait for a deployment, the oldest for so long. */
export function aQueue(deploymentId: string, waitingJobs: number, parts: Partial<QueueDemand> = {}): QueueDemand {
  return { deploymentId, waitingJobs, waitingTokens: 100 * waitingJobs, oldestWaitMs: 0, ...SERVED_AT_ONCE, ...parts };
}

/** The fleet once its runners have done what the plan says: what starts is ready, what stops is gone. */
export function carriedOut(fleet: FleetSnapshot, plan: Plan): FleetSnapshot {
  const after = applied(fleet, plan);
  const known = new Map(fleet.replicas.map((replica) => [replica.replicaId, replica]));
  return {
    ...after,
    runners: after.runners.map((runner) => ({ ...runner, observedGeneration: runner.generation })),
    replicas: after.assignments.map((home) => known.get(home.replicaId) ?? aReadyReplica(home, fleet.nowMs)),
    reservations: after.reservations.filter(({ replicaId }) =>
      after.assignments.some((home) => home.replicaId === replicaId),
    ),
  };
}

/** A whole history: plans every `stepMs`; what is ready serves at once whatever waits for it. */
export function livedThrough(first: FleetSnapshot, time: { steps: number; stepMs: number }) {
  const plans: Plan[] = [];
  let fleet = first;
  for (let step = 0; step < time.steps; step += 1) {
    const plan = planPlacements(fleet);
    plans.push(plan);
    fleet = served(carriedOut({ ...fleet, freshReplicaIds: fleet.freshReplicaIds }, plan));
    fleet = { ...fleet, nowMs: fleet.nowMs + time.stepMs, demand: aged(fleet.demand ?? [], time.stepMs) };
  }
  return { plans, fleet, starts: plans.flatMap(({ start }) => start) };
}

/** A replica that has been ready for long and idle for as long, unless told otherwise. */
export function aReadyReplica(
  { replicaId, runnerId }: { replicaId: string; runnerId: string },
  readySinceMs = NOW_MS - 600_000,
  inFlight = 0,
): SnapshotReplica {
  const activity = { readySinceMs, inFlight, lastUsedAtMs: readySinceMs };
  return {
    replicaId,
    runnerId,
    state: 'ready',
    measuredBytes: 0,
    slots: 4,
    contextLength: 2048,
    message: '',
    activity,
  };
}

function served(fleet: FleetSnapshot): FleetSnapshot {
  const ready = new Set(fleet.assignments.map(({ deploymentId }) => deploymentId));
  return { ...fleet, demand: (fleet.demand ?? []).filter(({ deploymentId }) => !ready.has(deploymentId)) };
}

function aged(demand: readonly QueueDemand[], ms: number): QueueDemand[] {
  return demand.map((queue) => ({ ...queue, oldestWaitMs: queue.oldestWaitMs + ms }));
}
