import fc from 'fast-check';
import { mostStarts, type FleetSnapshot } from './fleet-snapshot.js';
import { planPlacements } from './plan-placements.js';
import { isEmptyPlan } from './plan.js';
import { applied, aFootprint, aRunner, aReplica, aSnapshot, aWish } from '../test/snapshot-builder.js';

const bytes = fc.integer({ min: 0, max: 1_000 });

const devices = fc.uniqueArray(
  fc
    .record({
      deviceKey: fc.constantFrom('gpu-0', 'gpu-1', 'cpu'),
      totalBytes: bytes,
      used: fc.double({ min: 0, max: 1, noNaN: true }),
    })
    .map(({ used, ...device }) => ({
      ...device,
      deviceType: 'cpu',
      freeBytes: Math.floor(device.totalBytes * (1 - used)),
      reserveBytes: Math.floor(device.totalBytes / 10),
    })),
  { selector: (device) => device.deviceKey },
);

const runners = fc
  .array(
    fc.record({
      devices,
      health: fc.constantFrom('alive', 'alive', 'alive', 'suspect', 'lost'),
      adminState: fc.constantFrom('active', 'active', 'active', 'cordoned', 'draining', 'maintenance'),
      engines: fc.constantFrom(['llama-cpp'], ['vllm']),
    }),
    { maxLength: 4 },
  )
  .map((list) => list.map((parts, index) => aRunner(`run_${String(index)}`, 0, parts)));

const wishes = fc
  .array(
    fc.record({
      minReplicas: fc.integer({ min: 0, max: 3 }),
      maxReplicas: fc.integer({ min: 3, max: 5 }),
      perRunner: fc.boolean(),
      paused: fc.boolean(),
    }),
    { maxLength: 5 },
  )
  .map((list) => list.map((parts, index) => aWish(`dep_${String(index)}`, parts)));

/** A fleet from empty, whose replicas then report random states while their wishes change. */
const fleets: fc.Arbitrary<FleetSnapshot> = fc
  .record({
    runners,
    wishes,
    later: wishes,
    sizes: fc.array(fc.option(bytes), { minLength: 5, maxLength: 5 }),
    states: fc.array(fc.constantFrom('loading', 'ready', 'draining', 'stopped', 'failed', undefined), {
      minLength: 16,
      maxLength: 16,
    }),
    grown: fc.array(fc.double({ min: 0.5, max: 2, noNaN: true }), { minLength: 16, maxLength: 16 }),
  })
  .map((parts) => {
    const footprints = parts.sizes.flatMap((size, index) =>
      size === null ? [] : [aFootprint(aWish(`dep_${String(index)}`), size)],
    );
    const empty = aSnapshot({ runners: parts.runners, wishes: parts.wishes, footprints });
    const full = applied(empty, planPlacements(empty));
    const replicas = full.reservations.flatMap((line, index) => {
      const state = parts.states[index];
      const measuredBytes = Math.floor(line.bytes * (parts.grown[index] ?? 1));
      return state === undefined ? [] : [aReplica(line.replicaId, { runnerId: line.runnerId, state, measuredBytes })];
    });
    return { ...full, wishes: parts.later, replicas };
  });

/** Bytes in the ledger of each device after the plan. */
function ledgerOf(fleet: FleetSnapshot): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { runnerId, deviceKey, bytes: lineBytes } of fleet.reservations) {
    const key = `${runnerId}/${deviceKey}`;
    sums.set(key, (sums.get(key) ?? 0) + lineBytes);
  }
  return sums;
}

describe('every plan', () => {
  it('gives no device more than it has', () => {
    fc.assert(
      fc.property(fleets, (fleet) => {
        const plan = planPlacements(fleet);
        const ledger = ledgerOf(applied(fleet, plan));
        for (const { runnerId, deviceKey } of plan.start) {
          const device = fleet.runners
            .find((runner) => runner.runnerId === runnerId)
            ?.devices.find((candidate) => candidate.deviceKey === deviceKey);
          const capacity = (device?.totalBytes ?? 0) - (device?.reserveBytes ?? 0);
          expect(ledger.get(`${runnerId}/${deviceKey}`)).toBeLessThanOrEqual(capacity);
        }
      }),
    );
  });

  it('places every wish or explains on every device why not', () => {
    fc.assert(
      fc.property(fleets, (fleet) => {
        const plan = planPlacements(fleet);
        const after = applied(fleet, plan);
        for (const wish of fleet.wishes) {
          const placed = after.assignments.filter(({ deploymentId }) => deploymentId === wish.deploymentId).length;
          const unplaced = plan.unplaced.find(({ deploymentId }) => deploymentId === wish.deploymentId);
          if (wish.paused) expect([placed, unplaced]).toEqual([0, undefined]);
          else expect(placed + (unplaced?.missing ?? 0)).toBeGreaterThanOrEqual(wish.minReplicas);
          const places = fleet.runners.flatMap((runner) => runner.devices).length;
          if (unplaced !== undefined) expect(unplaced.rejected).toHaveLength(places);
        }
      }),
    );
  });

  it('gives each runner one replica of a wish per runner, or says of all its devices why not', () => {
    fc.assert(
      fc.property(fleets, (fleet) => {
        const plan = planPlacements(fleet);
        const { assignments } = applied(fleet, plan);
        const explained = [...plan.unplaced, ...plan.passedOver];
        for (const { deploymentId, maxReplicas } of fleet.wishes.filter((wish) => wish.perRunner && !wish.paused)) {
          const homes = assignments
            .filter((home) => home.deploymentId === deploymentId)
            .map(({ runnerId }) => runnerId);
          expect(homes).toHaveLength(new Set(homes).size);
          const rejected = explained.find((wish) => wish.deploymentId === deploymentId)?.rejected ?? [];
          for (const { runnerId, devices: own } of homes.length < maxReplicas ? fleet.runners : []) {
            if (homes.includes(runnerId)) continue;
            expect(rejected.filter((rejection) => rejection.runnerId === runnerId)).toHaveLength(own.length);
          }
        }
      }),
    );
  });

  it('never has too few fresh ids', () => {
    fc.assert(
      fc.property(fleets, (fleet) => {
        const freshReplicaIds = Array.from({ length: mostStarts(fleet) }, (_each, index) => `new_${String(index)}`);
        expect(() => planPlacements({ ...fleet, freshReplicaIds })).not.toThrow();
      }),
    );
  });

  it('leaves nothing to do for a second plan', () => {
    fc.assert(
      fc.property(fleets, (fleet) => {
        const second = planPlacements(applied(fleet, planPlacements(fleet)));
        expect(isEmptyPlan(second) ? [] : second).toEqual([]);
      }),
    );
  });

  it('depends on the snapshot and not on the order in which it was read', () => {
    fc.assert(
      fc.property(fleets, (fleet) => {
        const reversed = {
          ...fleet,
          wishes: [...fleet.wishes].reverse(),
          runners: [...fleet.runners].reverse(),
          assignments: [...fleet.assignments].reverse(),
          footprints: [...fleet.footprints].reverse(),
        };
        const plan = planPlacements(fleet);
        expect(planPlacements(fleet)).toEqual(plan);
        expect(planPlacements(reversed)).toEqual(plan);
      }),
    );
  });

  it('still places a lone wish when the device grows', () => {
    fc.assert(
      fc.property(bytes, bytes, bytes, (size, total, growth) => {
        const wish = aWish('dep_a');
        const footprints = [aFootprint(wish, size)];
        const place = (totalBytes: number) =>
          planPlacements(aSnapshot({ wishes: [wish], runners: [aRunner('run_a', totalBytes)], footprints })).start
            .length;
        expect(place(total + growth)).toBeGreaterThanOrEqual(place(total));
      }),
    );
  });
});
