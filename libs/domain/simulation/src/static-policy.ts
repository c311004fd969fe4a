import type { Policy } from './policy.js';
import { capacityOf, deviceBytesOf, type Scenario } from './scenario.js';
import type { Home } from './simulated-fleet.js';

/** Never changes what stands. */
export const staticPolicy: Policy = {
  everySeconds: Infinity,
  hear: () => undefined,
  decide: () => ({ start: [], leave: [], end: [] }),
};

/** One replica for each model, the most popular first, each where it fits most tightly; what does not fit has none. */
export function assignByPopularity(scenario: Scenario, shares: readonly number[]): Home[] {
  const { fleet, models } = scenario;
  const free = Array<number>(fleet.runners * fleet.devicesPerRunner).fill(capacityOf(fleet));
  const homes: Home[] = [];
  for (const model of byPopularity(shares)) {
    const of = models[model];
    if (of === undefined) continue;
    const devices = tightest(free, { bytes: deviceBytesOf(of), count: of.deviceCount, each: fleet.devicesPerRunner });
    if (devices === undefined) continue;
    for (const device of devices) free[device] = (free[device] ?? 0) - deviceBytesOf(of);
    homes.push({ replicaId: `rep_0_${String(model).padStart(3, '0')}`, model, devices });
  }
  return homes;
}

/** Models by share, the largest first. */
export function byPopularity(shares: readonly number[]): number[] {
  return shares.map((_share, model) => model).sort((a, b) => (shares[b] ?? 0) - (shares[a] ?? 0) || a - b);
}

/** The fullest devices of one runner that have so much left. */
function tightest(free: readonly number[], need: { bytes: number; count: number; each: number }): number[] | undefined {
  let best: { devices: number[]; left: number } | undefined;
  for (let first = 0; first < free.length; first += need.each) {
    const devices = Array.from({ length: need.each }, (_each, index) => first + index)
      .filter((device) => (free[device] ?? 0) >= need.bytes)
      .sort((a, b) => (free[a] ?? 0) - (free[b] ?? 0))
      .slice(0, need.count);
    const left = devices.reduce((sum, device) => sum + (free[device] ?? 0), 0);
    if (devices.length === need.count && (best === undefined || left < best.left)) best = { devices, left };
  }
  return best?.devices;
}
