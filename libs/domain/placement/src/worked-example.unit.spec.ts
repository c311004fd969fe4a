import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deviceReserveBytes } from './device-reserve.js';
import { loadSeconds } from './rungs.js';
import { planPlacements } from './plan-placements.js';
import { aQueue, aReadyReplica, carriedOut } from '../test/running-fleet.js';
import { aFootprint, aGpuRunner, aSnapshot, aWish, NOW_MS } from '../test/snapshot-builder.js';

const GIBIBYTE = 1024 ** 3;
const PAGE = join(import.meta.dirname, '../../../../docs/placement.md');

/** One GPU of 24 GiB with `code` (its minimum) and `chat` (idle for five minutes); two jobs wait for `vision`. */
function example(oldestWaitMs: number) {
  const sizes = { code: 8, chat: 9, vision: 12 };
  const wishes = Object.keys(sizes).map((id) => aWish(id, { minReplicas: id === 'code' ? 1 : 0, maxReplicas: 1 }));
  const footprints = wishes.map((wish) => {
    const bytes = sizes[wish.deploymentId as keyof typeof sizes] * GIBIBYTE;
    const breakdown = { weightsBytes: bytes, kvBytes: 0, computeBytes: 0, overheadBytes: 0 };
    const footprint = { basis: 'measured', breakdown, measuredBytes: Math.floor(bytes / 1.02) } as const;
    return aFootprint(wish, 0, { deviceType: 'cuda', footprint });
  });
  const [gpu] = aGpuRunner('node-a', [24 * GIBIBYTE]).devices;
  if (gpu === undefined) throw new Error('The runner has one GPU.');
  const devices = [{ ...gpu, reserveBytes: deviceReserveBytes(gpu) }];
  const runners = [aGpuRunner('node-a', [], { devices })];
  const asked = aSnapshot({ wishes, footprints, runners, demand: [aQueue('chat', 1)] });
  const fleet = carriedOut(asked, planPlacements(asked));
  const replicas = fleet.assignments.map((home) => aReadyReplica(home, NOW_MS - 300_000));
  return { ...fleet, replicas, demand: [aQueue('vision', 2, { oldestWaitMs })] };
}

describe('the worked example of docs/placement.md', () => {
  it('comes to the decision and the numbers that the page gives', async () => {
    const page = await readFile(PAGE, 'utf8');
    const early = planPlacements(example(10_000));
    const late = planPlacements(example(25_000));
    expect([early.stop, early.unplaced[0]?.reason]).toEqual([[], 'swap_not_worth']);
    expect(late.stop).toMatchObject([{ deploymentId: 'chat', reason: 'evicted', eviction: { waitingSeconds: 25 } }]);

    const costSeconds = late.stop[0]?.eviction?.costSeconds ?? 0;
    const known = example(0).footprints.map((footprint) =>
      footprint.outcome === 'known' ? loadSeconds(footprint) : 0,
    );
    const [, chatLoad = 0, visionLoad = 0] = known;
    const freeBytes = late.unplaced[0]?.bestFreeBytes ?? 0;
    const numbers = [costSeconds, chatLoad, visionLoad, costSeconds + visionLoad].map((each) => `${each.toFixed(1)} s`);
    for (const number of [...numbers, `${(freeBytes / GIBIBYTE).toFixed(2)} GiB`]) expect(page).toContain(number);
  });
});
