/** How would a fleet serve a trace under a policy? */
export { POLICY_NAMES, type PolicyName } from './policy.js';
export type { Random } from './popularity.js';
export type { RunReport } from './run-report.js';
export type { Scenario, SimulatedModel } from './scenario.js';
export { simulateLoad, type Comparison, type LoadReport } from './simulate-sweep.js';
export type { TraceRow } from './workload.js';
