import type { QueueDemand } from './wish.js';
import { planPlacements } from './plan-placements.js';
import { aQueue, aReadyReplica, carriedOut } from '../test/running-fleet.js';
import { aFootprint, aGpuRunner, aSnapshot, aWish } from '../test/snapshot-builder.js';

/** Keeps one replica busy for this share of the time, and lets one job wait. */
const busy = (id: string, share: number): QueueDemand =>
  aQueue(id, 1, { arrivalsPerSecond: share, arrivalTokensPerSecond: 1_000 * share, replicaTokensPerSecond: 1_000 });

/** Models of 30 bytes on GPUs of 100. */
function fleetOf(demand: readonly QueueDemand[], devices: number) {
  const wishes = demand.map(({ deploymentId }) => aWish(deploymentId, { minReplicas: 0, maxReplicas: 1 }));
  const footprints = wishes.map((wish) => aFootprint(wish, 30, { deviceType: 'cuda', loadMs: 10_000 }));
  const runners = [aGpuRunner('run_a', Array<number>(devices).fill(100))];
  return aSnapshot({ wishes, footprints, runners, demand });
}

const devicesOf = (demand: readonly QueueDemand[], devices: number) =>
  planPlacements(fleetOf(demand, devices)).start.map(({ deploymentId, deviceKey }) => [deploymentId, deviceKey]);

describe('the time of the devices', () => {
  it('puts two busy models on two devices, although one would be filled more tightly', () => {
    expect(devicesOf([busy('dep_a', 0.6), busy('dep_b', 0.5)], 2)).toEqual([
      ['dep_a', 'gpu-0'],
      ['dep_b', 'gpu-1'],
    ]);
  });

  it('fills one device with models that leave each other time', () => {
    expect(devicesOf([busy('dep_a', 0.1), busy('dep_b', 0.1)], 2).map(([, device]) => device)).toEqual([
      'gpu-0',
      'gpu-0',
    ]);
  });

  it('still places a model where no device has time for it', () => {
    expect(devicesOf([busy('dep_a', 0.7), busy('dep_b', 0.7)], 1)).toHaveLength(2);
  });
});

describe('a swap of models with known arrivals', () => {
  const four = ['dep_a', 'dep_b', 'dep_c', 'dep_d'];
  const loaded = fleetOf(
    four.slice(0, 3).map((id) => busy(id, 0.1)),
    1,
  );
  const standing = carriedOut(loaded, planPlacements(loaded));
  const wishes = four.map((id) => aWish(id, { minReplicas: 0, maxReplicas: 1, coldWaitMs: 300_000 }));
  const footprints = wishes.map((wish) => aFootprint(wish, 30, { deviceType: 'cuda', loadMs: 10_000 }));
  const replicas = standing.assignments.map((home) => aReadyReplica(home));
  const plan = (coldPerSecond: number, warmPerSecond: number) =>
    planPlacements({
      ...standing,
      wishes,
      footprints,
      replicas,
      demand: [
        ...four.slice(0, 3).map((id) => aQueue(id, 0, { arrivalsPerSecond: warmPerSecond })),
        aQueue('dep_d', 20, { oldestWaitMs: 200_000, arrivalsPerSecond: coldPerSecond }),
      ],
    });

  it('happens where it serves several times the jobs that it takes from others', () => {
    expect(plan(1, 0.1).stop).toMatchObject([{ eviction: { forDeploymentId: 'dep_d' } }]);
  });

  it('waits for its bound where others would lose about as many', () => {
    expect(plan(0.5, 0.6).stop).toEqual([]);
  });

  it('takes from the one that fewest jobs come for', () => {
    const demand = [
      aQueue('dep_a', 0, { arrivalsPerSecond: 0.2 }),
      aQueue('dep_b', 0, { arrivalsPerSecond: 0.05 }),
      aQueue('dep_c', 0, { arrivalsPerSecond: 0.3 }),
      aQueue('dep_d', 1, { oldestWaitMs: 300_000 }),
    ];
    expect(planPlacements({ ...standing, wishes, footprints, replicas, demand }).stop).toMatchObject([
      { deploymentId: 'dep_b' },
    ]);
  });

  it('waits while as many swaps as may be are under way', () => {
    const more = [...wishes, aWish('dep_e', { minReplicas: 0, coldWaitMs: 300_000 })];
    const known = more.map((wish) => aFootprint(wish, 30, { deviceType: 'cuda', loadMs: 10_000 }));
    const demand = ['dep_d', 'dep_e'].map((id) => aQueue(id, 1, { oldestWaitMs: 300_000 }));
    const swaps = (swapShare: number) =>
      new Set(
        planPlacements({
          ...standing,
          wishes: more,
          footprints: known,
          replicas,
          demand,
          policy: { swapShare },
        }).stop.map(({ eviction }) => eviction?.forDeploymentId),
      );
    expect(swaps(0).size).toBe(1);
    expect(swaps(2).size).toBe(2);
  });
});
