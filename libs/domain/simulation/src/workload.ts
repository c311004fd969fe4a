import { drawModel, periodAt, popularityPeriods, type PopularityPeriod, type Random } from './popularity.js';
import type { Scenario } from './scenario.js';

/** A row of a trace: seconds after its first row, and lengths. */
export interface TraceRow {
  atSeconds: number;
  contextTokens: number;
  generatedTokens: number;
}

/** A request of the simulation, in order of arrival. */
export interface SimulatedRequest extends TraceRow {
  model: number;
}

export interface Workload {
  requests: readonly SimulatedRequest[];
  periods: readonly PopularityPeriod[];
  /** Until the last arrival. */
  seconds: number;
}

/** The trace at a load factor: its times shrink by it; the models are drawn by their popularity at that time. */
export function workloadOf(
  trace: readonly TraceRow[],
  of: { scenario: Scenario; loadFactor: number },
  random: Random,
): Workload {
  const { scenario, loadFactor } = of;
  const seconds = (trace.at(-1)?.atSeconds ?? 0) / loadFactor;
  const models = scenario.models.length;
  const periods = popularityPeriods(scenario.popularity, { models, untilSeconds: seconds }, random);
  const requests = trace.map((row) => {
    const atSeconds = row.atSeconds / loadFactor;
    return { ...row, atSeconds, model: drawModel(periodAt(periods, atSeconds), random) };
  });
  return { requests, periods, seconds };
}
