import type { PolicyName } from './policy.js';
import type { RequestEnd } from './request-log.js';
import type { Simulation } from './simulation.js';
import { capacityOf, type Scenario } from './scenario.js';
import type { Workload } from './workload.js';

/** What one run showed. Infinity is "never". */
export interface RunReport {
  policy: PolicyName;
  loadFactor: number;
  requests: number;
  served: number;
  /** Ended without a replica; `expiredCold` of them while no replica of their model served. */
  expired: number;
  expiredCold: number;
  /** Requests within both limits, in number and a second. */
  good: number;
  goodputPerSecond: number;
  offeredPerSecond: number;
  /** Over all requests. */
  ttftSeconds: { p50: number; p90: number; p99: number };
  tokenSeconds: { p50: number; p90: number; p99: number };
  loads: number;
  loadedBytes: number;
  /** Shares of the time and of the memory of all devices. */
  deviceUse: number;
  memoryUse: number;
  longestWaitSeconds: number;
  /** Of a model without a serving replica. */
  longestColdWaitSeconds: number;
}

export function reportOf(
  simulation: Simulation,
  of: { policy: PolicyName; loadFactor: number; scenario: Scenario; workload: Workload },
): RunReport {
  const { workload, scenario } = of;
  const ends = simulation.log.ends.filter((end) => end !== undefined);
  const good = ends.filter(({ isGood }) => isGood).length;
  const served = ends.filter(({ outcome }) => outcome === 'served').length;
  const { fleet, use } = simulation;
  const deviceSeconds = simulation.seconds * fleet.deviceCount;
  const perSecond = (count: number) => (workload.seconds > 0 ? count / workload.seconds : 0);
  return {
    policy: of.policy,
    loadFactor: of.loadFactor,
    requests: ends.length,
    served,
    expired: ends.length - served,
    expiredCold: use.expiredCold,
    good,
    goodputPerSecond: perSecond(good),
    offeredPerSecond: perSecond(ends.length),
    ttftSeconds: percentiles(ends, ({ ttftSeconds }) => ttftSeconds),
    tokenSeconds: percentiles(ends, ({ tokenSeconds }) => tokenSeconds),
    loads: fleet.loads,
    loadedBytes: fleet.loadedBytes,
    deviceUse: use.busySeconds / deviceSeconds,
    memoryUse: use.heldByteSeconds / (deviceSeconds * capacityOf(scenario.fleet)),
    longestWaitSeconds: ends.reduce((most, { waitSeconds }) => Math.max(most, waitSeconds), 0),
    longestColdWaitSeconds: use.longestColdWaitSeconds,
  };
}

function percentiles(ends: readonly RequestEnd[], of: (end: RequestEnd) => number) {
  const sorted = ends.map(of).sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { p50: at(0.5), p90: at(0.9), p99: at(0.99) };
}
