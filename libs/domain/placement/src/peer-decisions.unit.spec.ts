import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deviceReserveBytes } from './device-reserve.js';
import type { FleetSnapshot, SnapshotRunner } from './fleet-snapshot.js';
import { planPlacements } from './plan-placements.js';
import { aQueue, aReadyReplica, carriedOut, livedThrough } from '../test/running-fleet.js';
import {
  aFootprint,
  aGpuRunner,
  aReplica,
  applied,
  aRunner,
  aSnapshot,
  aWish,
  NOW_MS,
} from '../test/snapshot-builder.js';

const FIXTURES = join(import.meta.dirname, '../test/fixtures');
const MEBIBYTE = 1024 ** 2;

interface Machine {
  name: string;
  labels: Record<string, string>;
  gpus: { index: number; type: string; total: number; used: number }[];
}

interface PeerCase {
  id: string;
  config: {
    workers?: string[];
    gpus?: { id: string; free_mib: number }[];
    min_memory_mib?: number;
    layer_mib?: number[];
  };
}

const machines = (read('machines.json') as { machines: Record<string, Machine> }).machines;
const cases = new Map((read('peer-decisions.json') as { cases: PeerCase[] }).cases.map((peer) => [peer.id, peer]));

function read(file: string): unknown {
  return JSON.parse(readFileSync(join(FIXTURES, file), 'utf8'));
}

function caseOf(id: string): PeerCase['config'] {
  const found = cases.get(id);
  if (found === undefined) throw new Error(`There is no case ${id}.`);
  return found.config;
}

/** The recorded machines of a case, as runners that are named like them. */
function runnersOf(id: string): SnapshotRunner[] {
  return (caseOf(id).workers ?? []).map((name) => {
    const machine = machines[name];
    if (machine === undefined) throw new Error(`There is no machine ${name}.`);
    const devices = machine.gpus.map(({ index, type, total, used }) => {
      const device = {
        deviceKey: `gpu-${String(index)}`,
        deviceType: type,
        totalBytes: total,
        freeBytes: total - used,
      };
      return { ...device, reserveBytes: deviceReserveBytes(device) };
    });
    return aRunner(`${machine.name} (${name})`, 0, { labels: machine.labels, devices });
  });
}

/** A model by what it takes on each device, by the size of its group; null where one device is too small for it. */
function placedOn(
  id: string,
  deviceBytes: Record<number, readonly number[]>,
  placement: { deviceCount?: number; severalRunners?: boolean } = {},
) {
  const groupSizes = Object.keys(deviceBytes).map(Number);
  const wish = aWish('dep_a', { groupSizes, placement });
  const footprints = ['cuda', 'cann'].flatMap((deviceType) =>
    Object.entries(deviceBytes).map(([count, [first = 0, ...others]]) =>
      aFootprint(wish, first, {
        deviceType,
        deviceCount: Number(count),
        ...(others.length > 0 && { peers: others.map((bytes) => measured(bytes)) }),
      }),
    ),
  );
  const [start] = planPlacements(aSnapshot({ wishes: [wish], runners: runnersOf(id), footprints })).start;
  const shares = start === undefined ? [] : [start, ...start.peers];
  return {
    layout: start?.layout,
    runners: [...new Set(shares.map(({ runnerId }) => runnerId.split(' (')[0]))],
    devices: shares.map(({ deviceKey }) => deviceKey).sort(),
  };
}

function measured(measuredBytes: number) {
  const breakdown = { weightsBytes: 0, kvBytes: 0, computeBytes: 0, overheadBytes: 0 };
  return { basis: 'measured', breakdown, measuredBytes } as const;
}

/** A case of layers and free MiB: the whole model as one footprint. */
function fitsOn(id: string): string | undefined {
  const { gpus = [], layer_mib = [], min_memory_mib = 0 } = caseOf(id);
  const wish = aWish('dep_a');
  const mib = layer_mib.reduce((sum, layer) => sum + layer, min_memory_mib);
  const runner = aGpuRunner(
    'run_a',
    gpus.map(({ free_mib }) => free_mib * MEBIBYTE),
  );
  const footprints = [aFootprint(wish, mib * MEBIBYTE, { deviceType: 'cuda' })];
  const [start] = planPlacements(aSnapshot({ wishes: [wish], runners: [runner], footprints })).start;
  return start?.deviceKey.replace('gpu-', 'gpu');
}

/** Deployments on demand with their sizes, and those of them that have been loaded for long, on one GPU of 100 bytes. */
function oneGpu(sizes: Record<string, number>, loaded: readonly string[] = []): FleetSnapshot {
  const wishes = Object.keys(sizes).map((id) => aWish(id, { minReplicas: 0, maxReplicas: 1 }));
  const footprints = wishes.map((wish) => aFootprint(wish, sizes[wish.deploymentId] ?? 0, { deviceType: 'cuda' }));
  const empty = aSnapshot({ wishes, footprints, runners: [aGpuRunner('run_a', [100])] });
  const asked = { ...empty, demand: loaded.map((id) => aQueue(id, 1)) };
  const fleet = carriedOut(asked, planPlacements(asked));
  return { ...fleet, demand: [], replicas: fleet.assignments.map((home) => aReadyReplica(home)) };
}

const waiting = { oldestWaitMs: 100_000 };
const deploymentsOf = (list: readonly { deploymentId: string }[]) => list.map(({ deploymentId }) => deploymentId);

describe("placements that other schedulers' tests expect", () => {
  it('I051: do not put 48 GiB on one card of 40, but on two', () => {
    const gibibyte = 1024 ** 3;
    const wish = aWish('dep_a');
    const runners = [aGpuRunner('run_a', [40 * gibibyte, 40 * gibibyte])];
    const footprints = [aFootprint(wish, 48 * gibibyte, { deviceType: 'cuda' })];
    const fleet = aSnapshot({ wishes: [wish], runners, footprints });
    expect(planPlacements(fleet).unplaced).toMatchObject([{ reason: 'device_too_small' }]);
    const split = {
      ...fleet,
      wishes: [{ ...wish, groupSizes: [1, 2] }],
      footprints: [...footprints, aFootprint(wish, 25 * gibibyte, { deviceType: 'cuda', deviceCount: 2 })],
    };
    expect(planPlacements(split).start).toMatchObject([{ layout: 'device_group', deviceKey: 'gpu-0' }]);
  });

  it('I032: take all eight devices of two runners for a world of 16', () => {
    const placed = placedOn('I032', { 16: [70e9] }, { severalRunners: true });
    expect(placed).toMatchObject({ layout: 'several_runners', runners: ['host22-h100', 'host23-h100'] });
    expect(placed.devices).toHaveLength(16);
  });

  it('I031: leave two of four equal runners and all smaller cards alone', () => {
    const placed = placedOn('I031', { 16: [70e9] }, { severalRunners: true });
    expect(placed.runners).toEqual(['host22-h100', 'host23-h100']);
  });

  it('I016: prefer two devices on one runner to three on another', () => {
    const deviceBytes = { 1: [44e9], 2: [22_564_900_864, 22_397_527_040], 3: [15e9] };
    expect(placedOn('I016', deviceBytes)).toEqual({
      layout: 'device_group',
      runners: ['host-2-4090'],
      devices: ['gpu-0', 'gpu-1'],
    });
  });

  it('I029: keep a group of two on one runner', () => {
    const placed = placedOn('I029', { 2: [15_454_332_518] }, { deviceCount: 2, severalRunners: true });
    expect(placed).toMatchObject({ layout: 'device_group', runners: ['host-4-4080'] });
    // The peer takes 0 and 1. All four are equal; the two fullest that fit leave the emptiest whole.
    expect(placed.devices).toEqual(['gpu-1', 'gpu-2']);
  });

  it('I030: spread a group over the fewest runners', () => {
    const placed = placedOn('I030', { 4: [77e9] }, { deviceCount: 4, severalRunners: true });
    // The peer, which was handed these devices by a person, takes two devices of one runner and one of two others.
    expect(placed).toMatchObject({ layout: 'several_runners', runners: ['llm01-A100', 'llm02-A100'] });
  });

  it('I035: take the smallest group that fits', () => {
    const deviceBytes = { 1: [70e9], 2: [61_847_529_062], 4: [40e9], 8: [30e9] };
    expect(placedOn('I035', deviceBytes)).toMatchObject({ devices: ['gpu-0', 'gpu-1'] });
  });

  it.each([
    ['H001', 'gpu0'],
    ['H006', 'gpu1'],
    ['H014', 'gpu0'],
  ])('%s: put a model that fits on one device there', (id, device) => {
    expect(fitsOn(id)).toBe(device);
  });
});

describe("evictions that other schedulers' tests expect", () => {
  it('H019: evict rather than load a part', () => {
    expect(fitsOn('H019')).toBeUndefined();
    const fleet = { ...oneGpu({ dep_a: 28, dep_b: 85 }, ['dep_a']), demand: [aQueue('dep_b', 1, waiting)] };
    const plan = planPlacements(fleet);
    expect([plan.start, deploymentsOf(plan.stop)]).toEqual([[], ['dep_a']]);
  });

  it('H020: evict nothing where there is no GPU', () => {
    expect(fitsOn('H020')).toBeUndefined();
    const plan = planPlacements(aSnapshot({ wishes: [aWish('dep_a')] }));
    expect([plan.stop, plan.drain, plan.unplaced[0]?.reason]).toEqual([[], [], 'no_devices']);
  });

  it('J001: evict the one that excludes the other, then start that', () => {
    const fleet = { ...oneGpu({ dep_a: 60, dep_b: 60 }, ['dep_a']), demand: [aQueue('dep_b', 1, waiting)] };
    const plan = planPlacements(fleet);
    expect(plan.stop).toMatchObject([
      { deploymentId: 'dep_a', reason: 'evicted', eviction: { forDeploymentId: 'dep_b' } },
    ]);
    expect(deploymentsOf(planPlacements(carriedOut(fleet, plan)).start)).toEqual(['dep_b']);
  });

  it('J002: evict nothing for one that fits beside it', () => {
    const fleet = { ...oneGpu({ dep_a: 40, dep_b: 40 }, ['dep_a']), demand: [aQueue('dep_b', 1, waiting)] };
    const plan = planPlacements(fleet);
    expect([plan.stop, plan.drain, deploymentsOf(plan.start)]).toEqual([[], [], ['dep_b']]);
  });

  it('J004: choose the first of equally cheap ones', () => {
    const fleet = oneGpu({ dep_a: 45, dep_b: 45, dep_c: 45 }, ['dep_a', 'dep_b']);
    const plan = planPlacements({ ...fleet, demand: [aQueue('dep_c', 1, waiting)] });
    expect(deploymentsOf(plan.stop)).toEqual(['dep_a']);
  });

  it('J010: start only when the other has finished what it serves', () => {
    const idle = oneGpu({ dep_a: 60, dep_b: 60 }, ['dep_a']);
    const demand = [aQueue('dep_b', 1, waiting)];
    const busy = { ...idle, demand, replicas: idle.assignments.map((home) => aReadyReplica(home, undefined, 2)) };
    const plan = planPlacements(busy);
    expect([plan.start, plan.stop, deploymentsOf(plan.drain)]).toEqual([[], [], ['dep_a']]);
    const finished = { ...applied(busy, plan), replicas: idle.replicas };
    expect(deploymentsOf(planPlacements(finished).stop)).toEqual(['dep_a']);
  });

  it('J012: serve all that waits for a model before the next is loaded, each once', () => {
    const fleet = oneGpu({ dep_a: 60, dep_b: 60, dep_c: 60 });
    const demand = ['dep_a', 'dep_b', 'dep_c'].map((id) => aQueue(id, 2));
    const { starts, fleet: after } = livedThrough({ ...fleet, demand }, { steps: 40, stepMs: 5_000 });
    expect(deploymentsOf(starts)).toEqual(['dep_a', 'dep_b', 'dep_c']);
    expect(after.demand).toEqual([]);
  });

  it('J013: load by priority', () => {
    const sizes = { dep_z: 60, dep_a: 60, dep_b: 60, dep_c: 60, dep_d: 60 };
    const loaded = oneGpu(sizes, ['dep_z']);
    const priorities: Record<string, number> = { dep_d: 1, dep_c: 2, dep_b: 3, dep_a: 4 };
    const wishes = loaded.wishes.map((wish) => ({ ...wish, priority: priorities[wish.deploymentId] ?? 0 }));
    const demand = Object.keys(priorities).map((id) => aQueue(id, 1));
    const { starts } = livedThrough({ ...loaded, wishes, demand }, { steps: 60, stepMs: 5_000 });
    expect(deploymentsOf(starts)).toEqual(['dep_a', 'dep_b', 'dep_c', 'dep_d']);
  });

  it('J015: evict the idle one, and if all are busy the one with the shortest keep-alive', () => {
    const loaded = oneGpu({ dep_a: 45, dep_b: 45, dep_c: 45 }, ['dep_a', 'dep_b']);
    const keepAlives: Record<string, number> = { dep_a: 2_000_000, dep_b: 1_000_000 };
    const wishes = loaded.wishes.map((wish) => ({ ...wish, keepAliveMs: keepAlives[wish.deploymentId] ?? 0 }));
    const fleet = { ...loaded, wishes, demand: [aQueue('dep_c', 1, waiting)] };
    const busy = (...ids: string[]) =>
      fleet.assignments.map((home) => aReadyReplica(home, undefined, ids.includes(home.deploymentId) ? 1 : 0));
    expect(deploymentsOf(planPlacements({ ...fleet, replicas: busy('dep_b') }).stop)).toEqual(['dep_a']);
    expect(deploymentsOf(planPlacements({ ...fleet, replicas: busy('dep_a', 'dep_b') }).drain)).toEqual(['dep_b']);
  });

  it('J020 and J022: after a load that ran out of memory change no explicit context and fail at once', () => {
    const wish = aWish('dep_a', { spec: { ...aWish('dep_a').spec, contextLength: 32_768 } });
    const runners = [aGpuRunner('run_a', [1000])];
    const before = aSnapshot({ wishes: [wish], runners, footprints: [aFootprint(wish, 100, { deviceType: 'cuda' })] });
    const fleet = applied(before, planPlacements(before));
    const plan = planPlacements({
      ...fleet,
      replicas: [aReplica('rep_00', { state: 'failed', message: 'out of memory' })],
    });
    expect(plan.stop).toMatchObject([{ reason: 'load_failed', message: 'out of memory' }]);
    expect(plan.unplaced[0]?.rejected[0]).toMatchObject({ reason: 'quarantined', message: 'out of memory' });
    const retried = planPlacements({ ...applied(fleet, plan), nowMs: NOW_MS + 1_000 });
    expect(retried.start[0]?.spec.contextLength).toBe(32_768);
  });
});
