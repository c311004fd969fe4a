import { goodputBound, type GoodputBound } from './goodput-bound.js';
import type { PolicyName } from './policy.js';
import type { Random } from './popularity.js';
import type { RunReport } from './run-report.js';
import type { Scenario } from './scenario.js';
import { simulateRun } from './simulate-run.js';
import { workloadOf, type TraceRow } from './workload.js';

/** One load factor: a run for each policy, and how the planner compares with the better of the others. */
export interface LoadReport {
  loadFactor: number;
  runs: readonly RunReport[];
  bound: GoodputBound;
  comparison?: Comparison;
}

export interface Comparison {
  /** Goodput of the planner by that of the better other policy. */
  ratio: number;
  /** What the ratio could be at most, by the bound. */
  mostRatio: number;
  /** 1.3 where the others miss the limits, 0.98 where they do not. */
  wantedRatio: number;
}

/** A share of requests within the limits below which a policy misses them. */
const MEETS_LIMITS = 0.99;
const WANTED_RATIO = 1.3;
const RATIO_WITHOUT_MISSES = 0.98;

/** The same requests under each policy, at one load factor. `random` begins anew for each. */
export function simulateLoad(
  scenario: Scenario,
  trace: readonly TraceRow[],
  of: { policies: readonly PolicyName[]; loadFactor: number; random: Random },
): LoadReport {
  const { policies, loadFactor } = of;
  const workload = workloadOf(trace, { scenario, loadFactor }, of.random);
  const runs = policies.map((policy) => simulateRun(scenario, workload, { policy, loadFactor }));
  const bound = goodputBound(scenario, workload);
  const comparison = compare(runs, bound);
  return { loadFactor, runs, bound, ...(comparison && { comparison }) };
}

function compare(runs: readonly RunReport[], bound: GoodputBound): Comparison | undefined {
  const planner = runs.find(({ policy }) => policy === 'millrace');
  const others = runs.filter(({ policy }) => policy !== 'millrace');
  if (planner === undefined || others.length === 0) return undefined;
  const best = Math.max(1, ...others.map(({ good }) => good));
  const someMiss = runs.some(({ good, requests }) => good < MEETS_LIMITS * requests);
  const wantedRatio = someMiss ? WANTED_RATIO : RATIO_WITHOUT_MISSES;
  return { ratio: planner.good / best, mostRatio: bound.good / best, wantedRatio };
}
