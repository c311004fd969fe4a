import { planPlacements } from './plan-placements.js';
import { isEmptyPlan } from './plan.js';
import { applied, aFootprint, aRunner, aSnapshot, aWish } from '../test/snapshot-builder.js';

const wish = aWish('dep_a', { perRunner: true, minReplicas: 1, maxReplicas: 10 });
const footprints = [aFootprint(wish, 100)];

function fleetOf(...runners: ReturnType<typeof aRunner>[]) {
  return aSnapshot({ wishes: [wish], runners, footprints });
}

describe('a wish of one replica per runner', () => {
  it('starts one on each runner that can hold it, and no second one', () => {
    const fleet = fleetOf(aRunner('run_a', 1000), aRunner('run_b', 1000));
    const plan = planPlacements(fleet);
    expect(plan.start.map(({ runnerId }) => runnerId)).toEqual(['run_a', 'run_b']);
    expect(isEmptyPlan(planPlacements(applied(fleet, plan)))).toBe(true);
  });

  it('is met without the runners that cannot hold it, and says why they do not', () => {
    const plan = planPlacements(fleetOf(aRunner('run_a', 1000), aRunner('run_b', 50)));
    expect(plan.start).toHaveLength(1);
    expect(plan.unplaced).toEqual([]);
    expect(plan.passedOver).toMatchObject([
      { deploymentId: 'dep_a', reason: 'device_too_small', rejected: [{ runnerId: 'run_b', capacityBytes: 50 }] },
    ]);
  });

  it('is unplaced below its minimum', () => {
    const plan = planPlacements({
      ...fleetOf(aRunner('run_a', 1000), aRunner('run_b', 50)),
      wishes: [{ ...wish, minReplicas: 2 }],
    });
    expect(plan.start).toHaveLength(1);
    expect(plan.passedOver).toEqual([]);
    expect(plan.unplaced).toMatchObject([
      { missing: 1, rejected: [{ runnerId: 'run_a', reason: 'runner_has_replica' }, { reason: 'device_too_small' }] },
    ]);
  });

  it('starts nothing in the place of one on a runner that is lost', () => {
    const fleet = fleetOf(aRunner('run_a', 1000), aRunner('run_b', 1000));
    const after = applied(fleet, planPlacements(fleet));
    const [, second] = after.runners;
    if (second === undefined) throw new Error('the fleet has two runners');
    const plan = planPlacements({ ...after, runners: [...after.runners.slice(0, 1), { ...second, health: 'lost' }] });
    expect([plan.stop, plan.start, plan.unplaced]).toEqual([[], [], []]);
  });

  it('keeps to its maximum', () => {
    const plan = planPlacements({
      ...fleetOf(aRunner('run_a', 1000), aRunner('run_b', 1000)),
      wishes: [{ ...wish, maxReplicas: 1 }],
    });
    expect(plan.start).toHaveLength(1);
  });

  it('gives up what a runner has twice from the time before it was such a wish', () => {
    const before = { ...fleetOf(aRunner('run_a', 1000)), wishes: [{ ...wish, perRunner: false, minReplicas: 2 }] };
    const plan = planPlacements({ ...applied(before, planPlacements(before)), wishes: [wish] });
    expect(plan.stop).toMatchObject([{ replicaId: 'rep_01', reason: 'surplus' }]);
    expect(plan.start).toEqual([]);
  });
});
