import fc from 'fast-check';
import type { FleetSnapshot, SnapshotDevice, SnapshotFootprint, SnapshotReplica } from '../src/fleet-snapshot.js';
import { planPlacements } from '../src/plan-placements.js';
import type { PlacementConstraints, QueueDemand, Wish } from '../src/wish.js';
import { aFootprint, applied, aRunner, aSnapshot, aWish, NOW_MS } from './snapshot-builder.js';

const DEPLOYMENTS = 6;
const MOST_REPLICAS = 40;
const MOST_BYTES = 1_000;

const bytes = fc.integer({ min: 0, max: MOST_BYTES });
const maybe = <Value>(arbitrary: fc.Arbitrary<Value>) => fc.option(arbitrary, { nil: undefined });
/** Most fleets are in order, or nothing would be left to decide: the usual value, and seldom one of the others. */
const usually = <const Value>(usual: Value, ...others: Value[]): fc.Arbitrary<Value> =>
  fc.oneof({ weight: 12, arbitrary: fc.constant(usual) }, { weight: 2, arbitrary: fc.constantFrom(...others) });

const devices = fc.uniqueArray(
  fc
    .record({
      deviceKey: fc.constantFrom('gpu-0', 'gpu-1', 'gpu-2', 'gpu-3', 'cpu'),
      totalBytes: fc.oneof(
        { weight: 6, arbitrary: fc.integer({ min: 300, max: MOST_BYTES }) },
        { weight: 1, arbitrary: bytes },
      ),
      used: usually(0, 0.1, 0.5),
      deviceType: usually('cuda', 'rocm'),
    })
    .map(({ used, deviceType, ...device }): SnapshotDevice => ({
      ...device,
      deviceType: device.deviceKey === 'cpu' ? 'cpu' : deviceType,
      freeBytes: Math.floor(device.totalBytes * (1 - used)),
      reserveBytes: Math.floor(device.totalBytes / 10),
    })),
  { selector: (device) => device.deviceKey, minLength: 1, maxLength: 5 },
);

const runners = fc
  .array(
    fc.record({
      devices,
      health: usually('alive', 'suspect', 'lost'),
      adminState: usually('active', 'cordoned', 'draining', 'maintenance'),
      engines: usually(['llama-cpp'], ['llama-cpp', 'vllm'], ['vllm']),
      labels: fc.constantFrom({}, { zone: 'a' }, { zone: 'b' }),
    }),
    { minLength: 1, maxLength: 3 },
  )
  .map((list) => list.map((parts, index) => aRunner(`run_${String(index)}`, 0, parts)));

const constraints: fc.Arbitrary<PlacementConstraints> = fc
  .record({
    labels: maybe(fc.constantFrom({ zone: 'a' }, {})),
    deviceType: maybe(fc.constantFrom('cuda', 'cpu')),
    deviceCount: maybe(fc.constantFrom(1, 2, 4)),
    runner: maybe(fc.constantFrom('run_0', 'name-of-run_1')),
    antiAffinity: maybe(fc.constantFrom('runner', 'device')),
    severalRunners: maybe(fc.boolean()),
    cpuOffload: maybe(fc.boolean()),
  })
  .map(withoutUndefined);

const wishes: fc.Arbitrary<Wish[]> = fc
  .array(
    fc
      .record({
        minReplicas: usually(0, 1, 2),
        more: fc.integer({ min: 0, max: 3 }),
        perRunner: usually(false, true),
        paused: usually(false, true),
        priority: maybe(fc.integer({ min: -1, max: 2 })),
        pinned: usually(undefined, true, false),
        keepAliveMs: maybe(fc.constantFrom(0, 20_000, 90_000)),
        placement: fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: constraints }),
        groupSizes: usually(undefined, [1, 2], [2, 4]),
      })
      .map(({ more, ...parts }) => ({ ...withoutUndefined(parts), maxReplicas: parts.minReplicas + more })),
    { maxLength: DEPLOYMENTS },
  )
  .map((list) => list.map((parts, index) => aWish(`dep_${String(index)}`, parts)));

/** By deployment: bytes on one device, or nothing known. */
const footprints = fc
  .array(
    fc.record({
      size: fc.oneof(
        { weight: 8, arbitrary: fc.integer({ min: 100, max: 600 }) },
        { weight: 1, arbitrary: maybe(bytes) },
      ),
      host: bytes,
      loadMs: fc.integer({ min: 0, max: 20_000 }),
    }),
    {
      minLength: DEPLOYMENTS,
      maxLength: DEPLOYMENTS,
    },
  )
  .map((list) => list.flatMap(({ size, host, loadMs }, index) => footprintsOf(index, { size, host, loadMs })));

function footprintsOf(
  index: number,
  { size, host, loadMs }: { size: number | undefined; host: number; loadMs: number },
): SnapshotFootprint[] {
  if (size === undefined) return [];
  const wish = aWish(`dep_${String(index)}`);
  const hostFootprint = { basis: 'measured', breakdown: NOTHING, measuredBytes: host } as const;
  return ['cuda', 'rocm', 'cpu'].flatMap((deviceType) => [
    aFootprint(wish, size, { deviceType, loadMs }),
    aFootprint(wish, Math.ceil(size / 2), { deviceType, deviceCount: 2, loadMs }),
    aFootprint(wish, Math.ceil(size / 4), { deviceType, deviceCount: 4, loadMs }),
    aFootprint(wish, Math.ceil(size / 2), { deviceType, offloaded: true, host: hostFootprint, loadMs }),
  ]);
}

const NOTHING = { weightsBytes: 0, kvBytes: 0, computeBytes: 0, overheadBytes: 0 };

const demand: fc.Arbitrary<QueueDemand[]> = fc
  .array(
    fc.record({
      waitingJobs: fc.integer({ min: 0, max: 5 }),
      waitingTokens: fc.integer({ min: 0, max: 20_000 }),
      oldestWaitMs: fc.integer({ min: 0, max: 90_000 }),
      arrivalsPerSecond: fc.constantFrom(0, 0.01, 1),
      arrivalTokensPerSecond: fc.constantFrom(0, 10, 1_000),
      replicaTokensPerSecond: fc.constantFrom(0, 500),
    }),
    { minLength: 2, maxLength: DEPLOYMENTS },
  )
  .map((list) => list.map((queue, index) => ({ ...queue, deploymentId: `dep_${String(index)}` })));

const observation = fc.record({
  state: usually('ready', 'loading', 'draining', 'stopped', 'failed', undefined),
  grown: fc.double({ min: 0.5, max: 1.2, noNaN: true }),
  isMeasured: fc.boolean(),
  activity: fc.option(
    fc.record({
      ageMs: fc.integer({ min: 0, max: 200_000 }),
      inFlight: usually(0, 1, 2),
      idleMs: fc.integer({ min: 0, max: 200_000 }),
    }),
    { nil: undefined, freq: 8 },
  ),
});

/**
 * Fleets that were planned from empty; their replicas then report random states, their wishes and queues change, and
 * a part of them is planned once more, so that drains and memory on its way out are among what the next plan finds.
 */
export const randomFleets: fc.Arbitrary<FleetSnapshot> = fc
  .record({
    runners,
    wishes,
    later: fc.oneof({ weight: 1, arbitrary: wishes }, { weight: 3, arbitrary: fc.constant(undefined) }),
    footprints,
    demand,
    laterDemand: demand,
    observations: fc.array(observation, { minLength: MOST_REPLICAS, maxLength: MOST_REPLICAS }),
    rounds: fc.integer({ min: 1, max: 2 }),
    passedMs: fc.constantFrom(0, 1_000, 70_000),
  })
  .map((parts) => {
    let fleet = aSnapshot({ ...parts, freshReplicaIds: freshIds(0) });
    fleet = applied(fleet, planPlacements(fleet));
    for (let round = 1; round <= parts.rounds; round += 1) {
      const replicas = fleet.assignments.flatMap((home, index) => observed(home, parts.observations[index], fleet));
      const changed = round < parts.rounds ? {} : { wishes: parts.later ?? parts.wishes, demand: parts.laterDemand };
      fleet = { ...fleet, ...changed, replicas, freshReplicaIds: freshIds(round) };
      if (round < parts.rounds) fleet = applied(fleet, planPlacements(fleet));
    }
    return { ...fleet, nowMs: NOW_MS + parts.passedMs };
  });

function observed(
  home: FleetSnapshot['assignments'][number],
  seen: typeof observation extends fc.Arbitrary<infer Seen> ? Seen | undefined : never,
  fleet: FleetSnapshot,
): SnapshotReplica[] {
  if (seen?.state === undefined) return [];
  const line = fleet.reservations.find(({ replicaId }) => replicaId === home.replicaId);
  const { replicaId, runnerId } = home;
  return [
    {
      replicaId,
      runnerId,
      state: seen.state,
      measuredBytes: seen.isMeasured ? Math.floor((line?.bytes ?? 0) * seen.grown) : 0,
      slots: 4,
      contextLength: 2048,
      message: '',
      ...(seen.activity !== undefined && {
        activity: {
          readySinceMs: NOW_MS - seen.activity.ageMs,
          inFlight: seen.activity.inFlight,
          lastUsedAtMs: NOW_MS - Math.min(seen.activity.idleMs, seen.activity.ageMs),
        },
      }),
    },
  ];
}

function freshIds(round: number): string[] {
  return Array.from({ length: 200 }, (_each, index) => `rep_${String(round)}_${String(index).padStart(3, '0')}`);
}

function withoutUndefined<Parts extends object>(
  parts: Parts,
): { [Key in keyof Parts]: Exclude<Parts[Key], undefined> } {
  const entries = Object.entries(parts).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as { [Key in keyof Parts]: Exclude<Parts[Key], undefined> };
}
