import { LruPolicy } from './lru-policy.js';
import { PlannerPolicy } from './planner-policy.js';
import type { Policy, PolicyName } from './policy.js';
import { reportOf, type RunReport } from './run-report.js';
import type { Scenario } from './scenario.js';
import type { Home } from './simulated-fleet.js';
import { Simulation } from './simulation.js';
import { assignByPopularity, byPopularity, staticPolicy } from './static-policy.js';
import type { Workload } from './workload.js';

/** Serves a workload under a policy, from what it would hold loaded by the popularity at the start. */
export function simulateRun(
  scenario: Scenario,
  workload: Workload,
  of: { policy: PolicyName; loadFactor: number },
): RunReport {
  const shares = workload.periods[0]?.shares ?? [];
  const { policy, standing } = begin(of.policy, scenario, workload);
  const simulation = new Simulation(scenario, workload, policy).run(standing, byPopularity(shares));
  return reportOf(simulation, { ...of, scenario, workload });
}

function begin(
  name: PolicyName,
  scenario: Scenario,
  workload: Workload,
): { policy: Policy; standing: readonly Home[] } {
  const standing = assignByPopularity(scenario, workload.periods[0]?.shares ?? []);
  switch (name) {
    case 'millrace': {
      const policy = new PlannerPolicy(scenario, workload);
      return { policy, standing: policy.standing() };
    }
    case 'lru':
      return { policy: new LruPolicy(scenario), standing };
    case 'static':
      return { policy: staticPolicy, standing };
  }
}
