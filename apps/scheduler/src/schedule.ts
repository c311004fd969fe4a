import type { ApplyOutcome, ObservedFleet, PlanChange, SchedulerDecision } from '@millrace/adapters/postgres';
import {
  isEmptyPlan,
  planPlacements,
  type EstimateWish,
  type FleetSnapshot,
  type Plan,
} from '@millrace/domain/placement';

/** What one pass needs of the rest of the process. */
export interface SchedulerPorts {
  observe(): Promise<ObservedFleet & { snapshot: FleetSnapshot }>;
  /** The term this process leads in; undefined while another process leads. */
  currentEpoch(): number | undefined;
  /** What of the plan is worth writing down: not the same explanation again and again. */
  explain(plan: Plan, snapshot: FleetSnapshot): SchedulerDecision[];
  write(epoch: number, change: PlanChange): Promise<ApplyOutcome>;
  onApplied(plan: Plan, outcome: ApplyOutcome): void;
  /** Passes new assignments on to the runners whose streams end here, but for those whose next ones are being written. */
  tellRunners(fleet: ObservedFleet, changing: ReadonlySet<string>): void;
  /** What was seen and what is wanted, whoever leads. */
  onPlanned(snapshot: FleetSnapshot, plan: Plan): void;
  requestEstimates(wanted: readonly EstimateWish[]): void;
}

/**
 * One pass. Every scheduler process observes, plans and serves the runners connected to it;
 * only the leader writes. True when the fleet's wish changed, so that runners should hear of it at once.
 */
export async function schedule(ports: SchedulerPorts): Promise<boolean> {
  // 1. observe; the term comes first, so that a plan is never written in a later term than it was observed in
  const epoch = ports.currentEpoch();
  const fleet = await ports.observe();

  // 2. plan
  const plan = planPlacements(fleet.snapshot);
  ports.onPlanned(fleet.snapshot, plan);

  // 3. apply
  const isWritten = epoch !== undefined && !fleet.paused;
  ports.tellRunners(fleet, isWritten ? losingRunners(plan) : new Set());
  ports.requestEstimates(plan.estimate);
  if (epoch === undefined) return false;
  if (isWritten) return applyPlan(ports, epoch, { plan, fleet });
  return applyPlan(ports, epoch, { plan: onlyExplained(plan), fleet: { ...fleet, newWishes: [] } });
}

/** Runners that are to stop something: one that comes back must not begin to load what it is to stop at once. */
function losingRunners({ stop, drain }: Plan): Set<string> {
  return new Set([...stop, ...drain].map(({ runnerId }) => runnerId));
}

/** What a paused scheduler says of a plan that it does not carry out. */
function onlyExplained(plan: Plan): Plan {
  return { ...plan, start: [], stop: [], drain: [], release: [], measure: [], failures: [] };
}

interface Planned {
  plan: Plan;
  fleet: Pick<ObservedFleet, 'newWishes'> & { snapshot: FleetSnapshot };
}

async function applyPlan(
  ports: SchedulerPorts,
  epoch: number,
  { plan, fleet: { snapshot, newWishes } }: Planned,
): Promise<boolean> {
  if (ports.currentEpoch() !== epoch) return false;
  const decisions = ports.explain(plan, snapshot);
  if (isEmptyPlan(plan) && decisions.length === 0 && newWishes.length === 0) return false;
  const outcome = await ports.write(epoch, { plan, decisions, newWishes });
  ports.onApplied(plan, outcome);
  return outcome.outcome === 'applied' && outcome.refused.length === 0 && !isEmptyPlan(plan);
}
