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
  explain(plan: Plan): SchedulerDecision[];
  write(epoch: number, change: PlanChange): Promise<ApplyOutcome>;
  onApplied(plan: Plan, outcome: ApplyOutcome): void;
  /** Passes new assignments on to the runners whose streams end here. */
  tellRunners(fleet: ObservedFleet): void;
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
  ports.tellRunners(fleet);
  ports.requestEstimates(plan.estimate);
  if (epoch === undefined) return false;
  return fleet.paused
    ? applyPlan(ports, epoch, { plan: onlyExplained(plan), newWishes: [] })
    : applyPlan(ports, epoch, { plan, newWishes: fleet.newWishes });
}

/** What a paused scheduler says of a plan that it does not carry out. */
function onlyExplained(plan: Plan): Plan {
  return { ...plan, start: [], stop: [], drain: [], release: [], measure: [], failures: [] };
}

async function applyPlan(
  ports: SchedulerPorts,
  epoch: number,
  { plan, newWishes }: Pick<PlanChange, 'plan' | 'newWishes'>,
): Promise<boolean> {
  if (ports.currentEpoch() !== epoch) return false;
  const decisions = ports.explain(plan);
  if (isEmptyPlan(plan) && decisions.length === 0 && newWishes.length === 0) return false;
  const outcome = await ports.write(epoch, { plan, decisions, newWishes });
  ports.onApplied(plan, outcome);
  return outcome.outcome === 'applied' && outcome.refused.length === 0 && !isEmptyPlan(plan);
}
