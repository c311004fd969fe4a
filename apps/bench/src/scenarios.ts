import type { Endpoint, LoadOrder } from './load/load-order.js';
import { FAST_MODEL, STEADY_MODEL, type SimulatedModel } from './workload.js';

export const SCENARIO_NAMES = [
  ...(['plans', 'memory', 'rate-1', 'rate-50', 'rate-200', 'burst', 'saturation', 'keys'] as const),
];
export type ScenarioName = (typeof SCENARIO_NAMES)[number];
/** Those in which all contenders do the same. */
export type ComparedScenario = Exclude<ScenarioName, 'plans' | 'memory' | 'keys'>;

const BURST_REQUESTS = 128;
const SATURATION_CONNECTIONS = 768;
/** Bursts of one round; each takes about 650 ms of the engine's own time. */
const BURSTS = 8;

const RATES = { 'rate-1': 1, 'rate-50': 50, 'rate-200': 200 } as const;

/** Scenarios with the model that they run on; one model is served at a time. */
export const COMPARED: readonly { model: SimulatedModel; scenarios: readonly ComparedScenario[] }[] = [
  { model: STEADY_MODEL, scenarios: ['rate-1', 'rate-50', 'rate-200', 'burst'] },
  { model: FAST_MODEL, scenarios: ['saturation'] },
];

/** What the load generator does in one round of a scenario. */
export function orderOf(scenario: ComparedScenario, endpoint: Endpoint, seconds: number): LoadOrder {
  switch (scenario) {
    case 'rate-1':
    case 'rate-50':
    case 'rate-200':
      return { kind: 'rate', endpoint, perSecond: RATES[scenario], seconds };
    case 'burst':
      return { kind: 'burst', endpoint, requests: BURST_REQUESTS, bursts: BURSTS };
    case 'saturation':
      return { kind: 'saturation', endpoint, connections: SATURATION_CONNECTIONS, seconds };
  }
}
