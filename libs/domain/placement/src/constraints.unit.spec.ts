import { planPlacements } from './plan-placements.js';
import type { PlacementConstraints, Wish } from './wish.js';
import { aFootprint, aGpuRunner, applied, aRunner, aSnapshot, aWish } from '../test/snapshot-builder.js';

const cuda = { deviceType: 'cuda' };

function planOf(wish: Wish, runners: ReturnType<typeof aRunner>[], footprints = [aFootprint(wish, 100, cuda)]) {
  return planPlacements(aSnapshot({ wishes: [wish], runners, footprints }));
}

function constrained(placement: PlacementConstraints, parts: Partial<Wish> = {}): Wish {
  return aWish('dep_a', { placement, ...parts });
}

describe('the constraints of a wish', () => {
  const here = aGpuRunner('run_a', [1000], { labels: { zone: 'a' } });
  const there = aGpuRunner('run_b', [500], { labels: { zone: 'b' } });

  it.each([
    [{ labels: { zone: 'a' } }, 'run_a', { reason: 'label_missing', label: 'zone', value: 'a' }],
    [{ runner: 'run_a' }, 'run_a', { reason: 'other_runner', runner: 'run_a' }],
    [{ runner: 'name-of-run_a' }, 'run_a', { reason: 'other_runner' }],
  ] as const)('%j lead away from the tighter fit, and an unmet one is named', (placement, runnerId, rejection) => {
    const wish = constrained(placement);
    expect(planOf(wish, [here, there]).start).toMatchObject([{ runnerId }]);
    expect(planOf(wish, [there]).unplaced[0]?.rejected).toMatchObject([rejection]);
  });

  it('choose the type of device', () => {
    const rocm = aRunner('run_c', 0, { devices: [{ ...there.devices[0], deviceType: 'rocm' } as never] });
    const plan = planOf(constrained({ deviceType: 'rocm' }), [here, rocm], []);
    expect(plan.estimate).toMatchObject([{ runnerId: 'run_c', footprint: { deviceType: 'rocm' } }]);
    expect(plan.unplaced[0]?.rejected[0]).toMatchObject({ reason: 'other_device_type', offered: 'cuda' });
  });

  it.each([
    ['runner', ['run_a', 'run_b'], 'runner_has_replica'],
    ['device', ['run_b', 'run_a'], 'device_has_replica'],
  ] as const)('keep replicas apart by %s', (antiAffinity, runnerIds, reason) => {
    const wish = constrained({ antiAffinity }, { minReplicas: 3, maxReplicas: 3 });
    const plan = planOf(wish, [here, there]);
    expect(plan.start.map(({ runnerId }) => runnerId).sort()).toEqual([...runnerIds].sort());
    expect(plan.unplaced).toMatchObject([{ missing: 1, reason }]);
  });

  it('end a replica where it may not stay any more', () => {
    const before = aSnapshot({
      wishes: [aWish('dep_a')],
      runners: [here, there],
      footprints: [aFootprint(aWish('dep_a'), 100, cuda)],
    });
    const moved = { ...applied(before, planPlacements(before)), wishes: [constrained({ runner: 'run_a' })] };
    const plan = planPlacements(moved);
    expect(plan.stop).toMatchObject([{ runnerId: 'run_b', reason: 'wish_changed' }]);
    expect(plan.start).toMatchObject([{ runnerId: 'run_a' }]);
  });
});

describe('the ladder', () => {
  const wish = aWish('dep_a', { groupSizes: [1, 2, 4] });
  const footprints = [
    aFootprint(wish, 400, cuda),
    aFootprint(wish, 200, { ...cuda, deviceCount: 2 }),
    aFootprint(wish, 100, { ...cuda, deviceCount: 4 }),
  ];

  it.each([
    [[500, 300, 300, 300], 'one_device', ['gpu-0']],
    [[350, 220, 300, 210], 'device_group', ['gpu-1', 'gpu-3']],
    [[150, 150, 150, 150], 'device_group', ['gpu-0', 'gpu-1', 'gpu-2', 'gpu-3']],
  ] as const)('on devices of %j takes %s, the tightest there are', (sizes, layout, deviceKeys) => {
    const [start] = planOf(wish, [aGpuRunner('run_a', sizes)], footprints).start;
    expect(start?.layout).toBe(layout);
    expect([start?.deviceKey, ...(start?.peers ?? []).map(({ deviceKey }) => deviceKey)].sort()).toEqual(deviceKeys);
  });

  it('says how many devices of a group are missing', () => {
    const group = { ...wish, placement: { deviceCount: 2 } };
    const { unplaced } = planOf(group, [aGpuRunner('run_a', [300, 100])], footprints);
    expect(unplaced[0]?.rejected).toMatchObject([
      { reason: 'too_few_devices', deviceCount: 2, offered: 1 },
      { reason: 'device_too_small', needBytes: 204, capacityBytes: 100 },
    ]);
  });

  it('reaches over several runners only where the wish allows it', () => {
    const pair = { ...wish, groupSizes: [2] };
    const runners = [aGpuRunner('run_a', [300]), aGpuRunner('run_b', [250])];
    expect(planOf(pair, runners, footprints).unplaced).toMatchObject([{ reason: 'too_few_devices' }]);
    expect(planOf({ ...pair, placement: { severalRunners: true } }, runners, footprints).start).toMatchObject([
      { layout: 'several_runners', runnerId: 'run_a', peers: [{ runnerId: 'run_b', needBytes: 204 }] },
    ]);
  });

  it('keeps a part in the memory of the CPU only where the wish allows it', () => {
    const offloaded = aWish('dep_a', { placement: { cpuOffload: true } });
    const host = { basis: 'measured', breakdown: { weightsBytes: 0, kvBytes: 0, computeBytes: 0, overheadBytes: 0 } };
    const known = [
      aFootprint(offloaded, 400, cuda),
      aFootprint(offloaded, 200, { ...cuda, offloaded: true, host: { ...host, measuredBytes: 200 } as never }),
    ];
    const gpu = aGpuRunner('run_a', [250]);
    const cpu = { deviceKey: 'cpu', deviceType: 'cpu', totalBytes: 300, freeBytes: 300, reserveBytes: 0 };
    const runners = [{ ...gpu, devices: [...gpu.devices, cpu] }];
    expect(planOf(aWish('dep_a'), runners, known).start).toEqual([]);
    expect(planOf(offloaded, runners, known).start).toMatchObject([
      { layout: 'cpu_offload', deviceKey: 'gpu-0', peers: [{ deviceKey: 'cpu', needBytes: 204 }] },
    ]);
  });

  it('stands on a CPU alone only where no accelerator has room', () => {
    const both = [aFootprint(wish, 100, cuda), aFootprint(wish, 100)];
    const runners = (gpuBytes: number) => [aRunner('run_a', 103), aGpuRunner('run_b', [gpuBytes])];
    expect(planOf(aWish('dep_a'), runners(1000), both).start).toMatchObject([{ runnerId: 'run_b' }]);
    expect(planOf(aWish('dep_a'), runners(50), both).start).toMatchObject([{ runnerId: 'run_a' }]);
  });

  it('asks for the dry run of a group once one device is known to be too small', () => {
    const plan = planOf(wish, [aGpuRunner('run_a', [300, 300])], footprints.slice(0, 1));
    expect(plan.estimate).toMatchObject([{ footprint: { deviceCount: 2 } }]);
    expect(planOf(wish, [aGpuRunner('run_a', [500, 300])], footprints.slice(0, 1)).estimate).toEqual([]);
  });
});

describe('an explanation', () => {
  it('names the 64 devices that come closest and counts the others', () => {
    const wish = aWish('dep_a', { placement: { labels: { zone: 'a' } } });
    const small = Array.from({ length: 40 }, (_each, index) => aGpuRunner(`run_${String(index + 10)}`, [10, 20]));
    const full = aGpuRunner('run_99', [200], { labels: { zone: 'a' } });
    const used = { ...full, devices: full.devices.map((device) => ({ ...device, freeBytes: 50 })) };
    const [unplaced] = planOf(wish, [...small, used]).unplaced;
    expect(unplaced).toMatchObject({
      reason: 'not_enough_free',
      needBytes: 102,
      bestFreeBytes: 50,
      unnamedDevices: 17,
    });
    expect(unplaced?.rejected).toHaveLength(64);
  });
});
