import fc from 'fast-check';
import type { FleetSnapshot } from './fleet-snapshot.js';
import { planPlacements } from './plan-placements.js';
import { isEmptyPlan, type Plan, type Stop } from './plan.js';
import { DEFAULT_POLICY } from './placement-policy.js';
import { mostStarts, wantedReplicas } from './wanted-replicas.js';
import { randomFleets } from '../test/random-fleets.js';
import { aFootprint, aGpuRunner, applied, aSnapshot, aWish } from '../test/snapshot-builder.js';

const RUNS = { numRuns: 200 };

/** Bytes in the ledger of each device. */
function ledgerOf(fleet: FleetSnapshot): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { runnerId, deviceKey, bytes } of fleet.reservations) {
    const key = `${runnerId}/${deviceKey}`;
    sums.set(key, (sums.get(key) ?? 0) + bytes);
  }
  return sums;
}

function deviceOf(fleet: FleetSnapshot, at: { runnerId: string; deviceKey: string }) {
  const runner = fleet.runners.find(({ runnerId }) => runnerId === at.runnerId);
  return { runner, device: runner?.devices.find(({ deviceKey }) => deviceKey === at.deviceKey) };
}

function evictionsOf(plan: Plan): Stop[] {
  return [...plan.stop, ...plan.drain].filter(({ reason, eviction }) => reason === 'evicted' && eviction !== undefined);
}

/** Replicas of the deployment that are there to stay. */
function placedOf({ assignments }: FleetSnapshot, deploymentId: string) {
  return assignments.filter((home) => home.deploymentId === deploymentId && home.drain === undefined);
}

describe('every plan', () => {
  it('gives no device more than it has', () => {
    fc.assert(
      fc.property(randomFleets, (fleet) => {
        const plan = planPlacements(fleet);
        const ledger = ledgerOf(applied(fleet, plan));
        for (const share of plan.start.flatMap((start) => [start, ...start.peers])) {
          const { device } = deviceOf(fleet, share);
          const capacity = (device?.totalBytes ?? 0) - (device?.reserveBytes ?? 0);
          expect(ledger.get(`${share.runnerId}/${share.deviceKey}`)).toBeLessThanOrEqual(capacity);
          expect(share.needBytes).toBeLessThanOrEqual(share.freeBytes);
        }
      }),
      RUNS,
    );
  });

  it('keeps to the constraints of the wish', () => {
    fc.assert(
      fc.property(randomFleets, (fleet) => {
        const plan = planPlacements(fleet);
        const after = applied(fleet, plan);
        for (const start of plan.start) {
          const wish = fleet.wishes.find(({ deploymentId }) => deploymentId === start.deploymentId);
          const { runner, device } = deviceOf(fleet, start);
          const { labels, deviceType, deviceCount, runner: only, antiAffinity } = wish?.placement ?? {};
          expect([runner?.health, runner?.adminState]).toEqual(['alive', 'active']);
          expect(runner?.labels).toMatchObject(labels ?? {});
          expect(deviceType ?? device?.deviceType).toBe(device?.deviceType);
          const accelerators = start.peers.filter((peer) => deviceOf(fleet, peer).device?.deviceType !== 'cpu');
          expect(1 + accelerators.length).toBe(deviceCount ?? 1 + accelerators.length);
          if (only !== undefined) expect([runner?.runnerId, runner?.name]).toContain(only);
          const others = placedOf(after, start.deploymentId).filter(({ replicaId }) => replicaId !== start.replicaId);
          if (antiAffinity === 'runner') {
            expect(others.map(({ runnerId }) => runnerId)).not.toContain(start.runnerId);
          }
          const keys = [start, ...start.peers].map((share) => `${share.runnerId}/${share.deviceKey}`);
          expect(new Set(keys).size).toBe(keys.length);
        }
      }),
      RUNS,
    );
  });

  it('places every wish or explains on every device why not', () => {
    fc.assert(
      fc.property(randomFleets, (fleet) => {
        const plan = planPlacements(fleet);
        const after = applied(fleet, plan);
        for (const wish of fleet.wishes) {
          const placed = placedOf(after, wish.deploymentId).length;
          const unplaced = plan.unplaced.find(({ deploymentId }) => deploymentId === wish.deploymentId);
          const demand = fleet.demand?.find(({ deploymentId }) => deploymentId === wish.deploymentId);
          const wanted = wish.perRunner ? wish.minReplicas : wantedReplicas(wish, demand, DEFAULT_POLICY);
          expect(placed).toBeLessThanOrEqual(wish.maxReplicas);
          if (wish.paused) expect([placed, unplaced]).toEqual([0, undefined]);
          else if (unplaced === undefined) expect(placed).toBeGreaterThanOrEqual(wanted);
          else expect(placed + unplaced.missing).toBeGreaterThanOrEqual(wish.minReplicas);
          const places = fleet.runners.flatMap((runner) => runner.devices).length;
          if (unplaced !== undefined) expect(unplaced.rejected).toHaveLength(places);
        }
      }),
      RUNS,
    );
  });

  it('gives each runner one replica of a wish per runner, or says of all its devices why not', () => {
    fc.assert(
      fc.property(randomFleets, (fleet) => {
        const plan = planPlacements(fleet);
        const after = applied(fleet, plan);
        const explained = [...plan.unplaced, ...plan.passedOver];
        for (const { deploymentId, maxReplicas } of fleet.wishes.filter((wish) => wish.perRunner && !wish.paused)) {
          const homes = placedOf(after, deploymentId).map(({ runnerId }) => runnerId);
          expect(homes).toHaveLength(new Set(homes).size);
          const rejected = explained.find((wish) => wish.deploymentId === deploymentId)?.rejected ?? [];
          for (const { runnerId, devices } of homes.length < maxReplicas ? fleet.runners : []) {
            if (homes.includes(runnerId)) continue;
            expect(rejected.filter((rejection) => rejection.runnerId === runnerId)).toHaveLength(devices.length);
          }
        }
      }),
      RUNS,
    );
  });

  it('evicts nothing that is pinned, serves, is younger than the minimum residency or belongs to a minimum', () => {
    fc.assert(
      fc.property(randomFleets, (fleet) => {
        const plan = planPlacements(fleet);
        const evicted = evictionsOf(plan);
        for (const { replicaId, deploymentId } of evicted) {
          const wish = fleet.wishes.find((candidate) => candidate.deploymentId === deploymentId);
          const activity = fleet.replicas.find((replica) => replica.replicaId === replicaId)?.activity;
          expect(wish?.pinned).not.toBe(true);
          expect(fleet.nowMs - (activity?.readySinceMs ?? fleet.nowMs)).toBeGreaterThanOrEqual(
            DEFAULT_POLICY.minResidencyMs,
          );
          if (plan.stop.some((stop) => stop.replicaId === replicaId)) expect(activity?.inFlight).toBe(0);
          const left = placedOf(applied(fleet, plan), deploymentId).filter(
            (home) => fleet.replicas.find((replica) => replica.replicaId === home.replicaId)?.state === 'ready',
          );
          expect(left.length).toBeGreaterThanOrEqual(wish?.minReplicas ?? 0);
        }
      }),
      RUNS,
    );
  });

  it('stops a replica that serves only when its drain has ended, its runner is gone or its load has failed', () => {
    fc.assert(
      fc.property(randomFleets, (fleet) => {
        for (const { replicaId, reason } of planPlacements(fleet).stop) {
          const replica = fleet.replicas.find((candidate) => candidate.replicaId === replicaId);
          const { drain } = fleet.assignments.find((home) => home.replicaId === replicaId) ?? {};
          if ((replica?.activity?.inFlight ?? 0) === 0) continue;
          const hasEnded = drain !== undefined && fleet.nowMs - drain.sinceMs >= DEFAULT_POLICY.drainMs;
          expect([hasEnded, 'runner_lost', 'device_gone', 'load_failed']).toContain(hasEnded || reason);
        }
      }),
      RUNS,
    );
  });

  it('never has too few fresh ids', () => {
    fc.assert(
      fc.property(randomFleets, (fleet) => {
        const freshReplicaIds = Array.from({ length: mostStarts(fleet) }, (_each, index) => `new_${String(index)}`);
        expect(() => planPlacements({ ...fleet, freshReplicaIds })).not.toThrow();
      }),
      RUNS,
    );
  });

  it('leaves nothing to do for a second plan', () => {
    fc.assert(
      fc.property(randomFleets, (fleet) => {
        const second = planPlacements(applied(fleet, planPlacements(fleet)));
        expect(isEmptyPlan(second) ? [] : second).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it('depends on the snapshot and not on the order in which it was read', () => {
    fc.assert(
      fc.property(randomFleets, (fleet) => {
        const reversed = {
          ...fleet,
          wishes: [...fleet.wishes].reverse(),
          runners: [...fleet.runners]
            .reverse()
            .map((runner) => ({ ...runner, devices: [...runner.devices].reverse() })),
          assignments: [...fleet.assignments].reverse(),
          replicas: [...fleet.replicas].reverse(),
          footprints: [...fleet.footprints].reverse(),
          demand: [...(fleet.demand ?? [])].reverse(),
        };
        const plan = planPlacements(fleet);
        expect(planPlacements(fleet)).toEqual(plan);
        expect(planPlacements(reversed)).toEqual(plan);
      }),
      RUNS,
    );
  });

  it('still places a lone wish when a device grows', () => {
    const bytes = fc.integer({ min: 0, max: 1_000 });
    const sizes = fc.array(bytes, { minLength: 1, maxLength: 4 });
    const groupSizes = fc.constantFrom([1], [1, 2], [1, 2, 4], [4]);
    fc.assert(
      fc.property(bytes, sizes, fc.record({ groupSizes, growth: bytes }), (size, before, { growth, ...wished }) => {
        const wish = aWish('dep_a', wished);
        const footprints = [1, 2, 4].map((deviceCount) =>
          aFootprint(wish, Math.ceil(size / deviceCount), { deviceType: 'cuda', deviceCount }),
        );
        const placed = (devices: readonly number[]) =>
          planPlacements(aSnapshot({ wishes: [wish], runners: [aGpuRunner('run_a', devices)], footprints })).start
            .length;
        before.forEach((_each, grown) => {
          const after = before.map((total, index) => (index === grown ? total + growth : total));
          expect(placed(after)).toBeGreaterThanOrEqual(placed(before));
        });
      }),
      RUNS,
    );
  });
});
