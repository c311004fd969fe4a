import { periodAt } from './popularity.js';
import { capacityOf, deviceBytesOf, type Scenario, type SimulatedModel } from './scenario.js';
import type { SimulatedRequest, Workload } from './workload.js';

/** What no policy can exceed, in good requests, and what sets it. */
export interface GoodputBound {
  good: number;
  by: 'arrivals' | 'memory' | 'device_time';
}

/** The least of what arrives, of what loaded models can take and of what the devices have time for. */
export function goodputBound(scenario: Scenario, workload: Workload): GoodputBound {
  const bounds: GoodputBound[] = [
    { good: workload.requests.length, by: 'arrivals' },
    { good: memoryBound(scenario, workload), by: 'memory' },
    { good: deviceTimeBound(scenario, workload), by: 'device_time' },
  ];
  return bounds.reduce((least, bound) => (bound.good < least.good ? bound : least));
}

/**
 * A request is in time only if its model is loaded, or loads within the limit. Which model comes next nobody knows, so
 * at best those with the largest share for their bytes are loaded; memory counts as one piece, and a model in part.
 */
function memoryBound(scenario: Scenario, { requests, periods }: Workload): number {
  const { fleet, limits, models } = scenario;
  const covered = new Map(
    periods.map((period) => {
      let share = 0;
      let left = capacityOf(fleet) * fleet.runners * fleet.devicesPerRunner;
      const byDensity = models
        .map((model, index) => ({ model, share: period.shares[index] ?? 0 }))
        .sort((a, b) => b.share / bytesOf(b.model) - a.share / bytesOf(a.model));
      for (const { model, share: own } of byDensity) {
        if (quickestLoadSeconds(scenario, model) <= limits.ttftSeconds) {
          share += own;
          continue;
        }
        const part = Math.min(1, left / bytesOf(model));
        share += part * own;
        left -= part * bytesOf(model);
      }
      return [period, share];
    }),
  );
  return requests.reduce((sum, { atSeconds }) => sum + (covered.get(periodAt(periods, atSeconds)) ?? 0), 0);
}

/** The requests that need the least time first, each at the speed of a replica with all slots in use. */
function deviceTimeBound({ fleet, models, limits }: Scenario, { requests, seconds }: Workload): number {
  const longest = requests.reduce((most, { generatedTokens }) => Math.max(most, generatedTokens), 0);
  const untilSeconds = seconds + limits.ttftSeconds + longest * limits.tokenSeconds;
  let left = untilSeconds * fleet.runners * fleet.devicesPerRunner;
  const needs = requests.map((request) => leastDeviceSeconds(models[request.model], request)).sort((a, b) => a - b);
  const first = needs.findIndex((need) => (left -= need) < 0);
  return first < 0 ? requests.length : first;
}

function leastDeviceSeconds(model: SimulatedModel | undefined, request: SimulatedRequest): number {
  if (model === undefined) return 0;
  const { prefillTokensPerSecond, decodeSecondsBase, decodeSecondsPerSequence, slots, deviceCount } = model;
  const tokenSeconds = decodeSecondsBase / slots + decodeSecondsPerSequence;
  const readSeconds = request.contextTokens / prefillTokensPerSecond;
  return deviceCount * (readSeconds + (request.generatedTokens - 1) * tokenSeconds);
}

function quickestLoadSeconds({ fleet }: Scenario, { weightsBytes }: SimulatedModel): number {
  return fleet.load.processStartSeconds + weightsBytes / fleet.load.vramBytesPerSecond;
}

function bytesOf(model: SimulatedModel): number {
  return model.deviceCount * deviceBytesOf(model);
}
