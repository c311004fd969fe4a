import type { DevicePool, DevicePools } from './device-pools.js';
import { refusalOfPool, runnerName } from './filters.js';
import { footprintText, type FleetIndex } from './fleet-index.js';
import type { EstimateWish } from './plan.js';
import { estimateRetryAtMs } from './question.js';
import { footprintKeyOf, needOf, rungsOf, standsOn } from './rungs.js';
import type { Wish } from './wish.js';

/** One dry run per footprint that is not known, by the first runner that could do it. */
export function wantedEstimates(fleet: FleetIndex, pools: DevicePools): EstimateWish[] {
  const wanted = new Map<string, EstimateWish>();
  for (const wish of fleet.wishes.filter(({ paused }) => !paused)) {
    for (const pool of pools.all) {
      const estimate = wantedOf(fleet, wish, pool);
      if (estimate === undefined) continue;
      const key = footprintText(estimate.footprint);
      if (!wanted.has(key)) wanted.set(key, estimate);
    }
  }
  return [...wanted.values()];
}

/** The first rung that nothing is known of; those behind one that fits an empty device are not asked for. */
function wantedOf(fleet: FleetIndex, wish: Wish, pool: DevicePool): EstimateWish | undefined {
  if (refusalOfPool(wish, pool.sample) !== undefined) return undefined;
  const runnerId = firstRunner(wish, pool);
  const { deviceType } = pool.sample.device;
  for (const rung of runnerId === undefined ? [] : rungsOf(wish)) {
    if (!standsOn(rung, deviceType)) continue;
    const footprint = footprintKeyOf(fleet, wish, { rung, deviceType });
    const known = fleet.footprint(footprint);
    const isDue = known?.outcome === 'failed' && fleet.snapshot.nowMs >= estimateRetryAtMs(known);
    if (known === undefined || isDue) return { footprint, spec: wish.spec, runnerId: runnerId ?? '' };
    if (known.outcome === 'known' && (needOf(known, rung).deviceBytes[0] ?? 0) <= pool.largestBytes) return undefined;
  }
  return undefined;
}

function firstRunner(wish: Wish, { groups }: DevicePool): string | undefined {
  const group = groups.find(({ places: [place] }) => place !== undefined && runnerName(wish, place) === undefined);
  return group?.runner.runner.runnerId;
}
