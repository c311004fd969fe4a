import { planPlacements } from './plan-placements.js';
import { isEmptyPlan } from './plan.js';
import type { Wish } from './wish.js';
import {
  applied,
  aFootprint,
  aGpuRunner,
  aReplica,
  aRunner,
  aSnapshot,
  aWish,
  NOW_MS,
} from '../test/snapshot-builder.js';

/** One runner with 1000 bytes that runs one replica of 100 measured bytes, in the given state. */
function running(wish: Wish = aWish('dep_a')) {
  const before = aSnapshot({ wishes: [wish], runners: [aRunner('run_a', 1000)], footprints: [aFootprint(wish, 100)] });
  const after = applied(before, planPlacements(before));
  return { ...after, runners: after.runners.map((runner) => ({ ...runner, observedGeneration: runner.generation })) };
}

describe('a plan', () => {
  it('starts a missing replica with the choices that its footprint rests on', () => {
    const wish = aWish('dep_a');
    const plan = planPlacements(
      aSnapshot({ wishes: [wish], runners: [aRunner('run_a', 1000)], footprints: [aFootprint(wish, 100)] }),
    );
    expect(plan.start).toMatchObject([
      {
        replicaId: 'rep_00',
        deploymentId: 'dep_a',
        runnerId: 'run_a',
        deviceKey: 'cpu',
        needBytes: 102,
        freeBytes: 1000,
      },
    ]);
    expect(plan.start[0]?.spec).toMatchObject({ contextLength: 2048, slots: 4 });
  });

  it('takes the device that it fits best', () => {
    const wish = aWish('dep_a');
    const runners = [aRunner('run_a', 1000), aRunner('run_b', 150), aRunner('run_c', 300)];
    const plan = planPlacements(aSnapshot({ wishes: [wish], runners, footprints: [aFootprint(wish, 100)] }));
    expect(plan.start[0]?.runnerId).toBe('run_b');
  });

  it('says with numbers why a second replica does not fit next to the first', () => {
    const [first, second] = [aWish('dep_a'), aWish('dep_b')];
    const footprints = [aFootprint(first, 600), aFootprint(second, 500)];
    const plan = planPlacements(aSnapshot({ wishes: [first, second], runners: [aRunner('run_a', 1000)], footprints }));
    expect(plan.start).toHaveLength(1);
    expect(plan.unplaced).toEqual([
      {
        deploymentId: 'dep_b',
        modelName: 'model-of-dep_b',
        missing: 1,
        part: 'min_replicas',
        reason: 'not_enough_free',
        needBytes: 510,
        bestFreeBytes: 388,
        rejected: [
          {
            runnerId: 'run_a',
            deviceKey: 'cpu',
            reason: 'not_enough_free',
            needBytes: 510,
            freeBytes: 388,
            reservedBytes: 612,
            unmanagedBytes: 0,
          },
        ],
      },
    ]);
  });

  it('counts memory that others use', () => {
    const wish = aWish('dep_a');
    const device = { deviceKey: 'cpu', deviceType: 'cpu', totalBytes: 1000, freeBytes: 90, reserveBytes: 0 };
    const runners = [aRunner('run_a', 1000, { devices: [device] })];
    const plan = planPlacements(aSnapshot({ wishes: [wish], runners, footprints: [aFootprint(wish, 100)] }));
    expect(plan.unplaced[0]?.rejected[0]).toMatchObject({ freeBytes: 90, unmanagedBytes: 910 });
  });

  it('asks for a dry run when no footprint is known, and once per footprint', () => {
    const wish = aWish('dep_a', { minReplicas: 2 });
    const plan = planPlacements(aSnapshot({ wishes: [wish], runners: [aRunner('run_b', 9), aRunner('run_a', 9)] }));
    expect(plan.estimate).toMatchObject([{ runnerId: 'run_a', footprint: { deviceType: 'cpu' } }]);
    expect(plan.unplaced).toMatchObject([{ missing: 2, reason: 'awaiting_footprint' }]);
  });

  it.each([false, true])(
    'waits for what it takes of a GPU before the CPU is taken (one per runner: %s)',
    (perRunner) => {
      const wish = aWish('dep_a', { perRunner });
      const { devices } = aRunner('run_a', 1000);
      const runners = [aGpuRunner('run_a', [1000], { devices: [...devices, ...aGpuRunner('run_a', [1000]).devices] })];
      const onCpu = aFootprint(wish, 100);
      const waiting = planPlacements(aSnapshot({ wishes: [wish], runners, footprints: [onCpu] }));
      expect(waiting).toMatchObject({ start: [], estimate: [{ footprint: { deviceType: 'cuda' } }] });
      const footprints = [onCpu, aFootprint(wish, 100, { deviceType: 'cuda' })];
      const decided = planPlacements(aSnapshot({ wishes: [wish], runners, footprints }));
      expect(decided.start).toMatchObject([{ deviceKey: 'gpu-0' }]);
    },
  );

  it('repeats a failed dry run only after a while', () => {
    const wish = aWish('dep_a');
    const { artifact, engine, settings, deviceType } = aFootprint(wish, 0);
    const failed = { artifact, engine, settings, deviceType, outcome: 'failed', failure: 'no such file' } as const;
    const fleet = aSnapshot({
      wishes: [wish],
      runners: [aRunner('run_a', 9)],
      footprints: [{ ...failed, failedAtMs: NOW_MS }],
    });
    expect(planPlacements(fleet).estimate).toEqual([]);
    expect(planPlacements(fleet).unplaced[0]?.rejected[0]).toMatchObject({ failure: 'no such file' });
    expect(planPlacements({ ...fleet, nowMs: NOW_MS + 30_000 }).estimate).toHaveLength(1);
  });

  it.each([
    ['deployment_paused', { wishes: [aWish('dep_a', { paused: true })] }],
    ['deployment_removed', { wishes: [] }],
    ['wish_changed', { wishes: [aWish('dep_a', { spec: { ...aWish('dep_a').spec, slots: 7 } })] }],
    ['surplus', { wishes: [aWish('dep_a', { minReplicas: 0, maxReplicas: 0 })] }],
    ['runner_draining', { runners: [aRunner('run_a', 1000, { adminState: 'draining', generation: 1 })] }],
    ['device_gone', { runners: [aRunner('run_a', 1000, { devices: [], generation: 1 })] }],
  ] as const)('stops a replica when its reason is gone (%s), and keeps its reservation', (reason, change) => {
    const plan = planPlacements({ ...running(), ...change });
    expect(plan.stop).toMatchObject([{ replicaId: 'rep_00', reason }]);
    expect(plan.release).toEqual([]);
  });

  it.each(['operator_drain', 'operator_restart'] as const)(
    'stops a replica that an operator ends (%s) once it is idle, and starts another beside it meanwhile',
    (reason) => {
      const fleet = running();
      const drain = { reason, sinceMs: NOW_MS };
      const assignments = fleet.assignments.map((assignment) => ({ ...assignment, drain }));
      const activity = { inFlight: 1, readySinceMs: 0, lastUsedAtMs: NOW_MS };
      const busy = planPlacements({ ...fleet, assignments, replicas: [aReplica('rep_00', { activity })] });
      expect([busy.stop, busy.start.length]).toEqual([[], 1]);
      expect(planPlacements({ ...fleet, assignments }).stop).toMatchObject([{ replicaId: 'rep_00', reason }]);
    },
  );

  it.each(['cordoned', 'suspect'] as const)(
    'leaves replicas where they are but places no new ones on a %s runner',
    (state) => {
      const change = state === 'suspect' ? { health: state } : { adminState: state };
      const fleet = running(aWish('dep_a', { minReplicas: 1 }));
      const runners = fleet.runners.map((runner) => ({ ...runner, ...change }));
      const wishes = [aWish('dep_a', { minReplicas: 2 })];
      const plan = planPlacements({ ...fleet, wishes, runners });
      expect([plan.start, plan.stop]).toEqual([[], []]);
      expect(plan.unplaced[0]?.reason).toBe(`runner_${state}`);
    },
  );

  describe('of a lost runner', () => {
    /** Its one replica has been started anew on another runner. */
    function replaced() {
      const fleet = running();
      const other = aRunner('run_b', 1000);
      const lost = { ...fleet, runners: [aRunner('run_a', 1000, { health: 'lost' }), other] };
      const plan = planPlacements(lost);
      return { fleet, lost, plan, after: applied(lost, plan) };
    }

    it('places anew what it had, and keeps that for its return', () => {
      const { plan, after } = replaced();
      expect(plan.start).toMatchObject([{ runnerId: 'run_b' }]);
      expect([plan.stop, plan.release]).toEqual([[], []]);
      expect(isEmptyPlan(planPlacements(after))).toBe(true);
    });

    it('gives up one of the two when it is back: the one that does not serve', () => {
      const { fleet, after } = replaced();
      const back = { ...after, runners: [...fleet.runners, aRunner('run_b', 1000)] };
      const fresh = after.assignments.at(-1)?.replicaId ?? '';
      const still = planPlacements({ ...back, replicas: [aReplica('rep_00')] });
      expect(still.stop).toMatchObject([{ replicaId: fresh, reason: 'surplus' }]);
      const anew = planPlacements({ ...back, replicas: [aReplica(fresh, { runnerId: 'run_b' })] });
      expect(anew.stop).toMatchObject([{ replicaId: 'rep_00', reason: 'surplus' }]);
    });

    it('keeps what serves in its place when a new judge only suspects it', () => {
      const { after } = replaced();
      const fresh = after.assignments.at(-1)?.replicaId ?? '';
      const suspected = [aRunner('run_a', 1000, { health: 'suspect' }), aRunner('run_b', 1000)];
      const replicas = [aReplica('rep_00'), aReplica(fresh, { runnerId: 'run_b' })];
      const plan = planPlacements({ ...after, runners: suspected, replicas });
      expect(plan.stop).toMatchObject([{ replicaId: 'rep_00', reason: 'surplus' }]);
    });

    it('gives up what nobody wishes for any more', () => {
      const { lost } = replaced();
      const plan = planPlacements({ ...lost, wishes: [] });
      expect(plan.stop).toMatchObject([{ replicaId: 'rep_00', reason: 'deployment_removed' }]);
      expect(plan.release).toHaveLength(1);
    });
  });

  it('releases a stopped replica only when its runner has seen that and no longer holds it', () => {
    const stopped = { ...running(), assignments: [] };
    const paused = { ...stopped, wishes: [aWish('dep_a', { paused: true })] };
    const unseen = paused.runners.map((runner) => ({ ...runner, generation: runner.generation + 1 }));
    const draining = [aReplica('rep_00', { state: 'draining' })];
    expect(planPlacements({ ...paused, runners: unseen }).release).toEqual([]);
    expect(planPlacements({ ...paused, replicas: draining }).release).toEqual([]);
    expect(planPlacements({ ...paused, replicas: [aReplica('rep_00', { state: 'stopped' })] }).release).toHaveLength(1);
    expect(planPlacements(paused).release).toHaveLength(1);
  });

  it('replaces the prediction by what was measured', () => {
    const plan = planPlacements({ ...running(), replicas: [aReplica('rep_00', { measuredBytes: 90 })] });
    expect(plan.measure).toMatchObject([{ replicaId: 'rep_00', reservedBytes: 102, measuredBytes: 90, slots: 4 }]);
  });

  it('retries a failed load after a wait that doubles, one at a time', () => {
    const wish = aWish('dep_a', { minReplicas: 1 });
    const failed = [aReplica('rep_00', { state: 'failed', message: 'out of memory' })];
    const fleet = { ...running(wish), replicas: failed };
    const first = planPlacements(fleet);
    expect(first.failures).toMatchObject([{ failures: 1, message: 'out of memory', failedAtMs: NOW_MS }]);
    expect(first.release).toHaveLength(1);
    expect(first.unplaced[0]?.rejected[0]).toMatchObject({ reason: 'quarantined', retryAtMs: NOW_MS + 1000 });

    const twoWished = { ...applied(fleet, first), wishes: [{ ...wish, minReplicas: 2, maxReplicas: 2 }] };
    const second = planPlacements({ ...twoWished, nowMs: NOW_MS + 1000 });
    expect(second.start).toHaveLength(1);
    expect(second.unplaced[0]).toMatchObject({ missing: 1, reason: 'retry_in_progress' });

    const again = aReplica(second.start[0]?.replicaId ?? '', { state: 'failed' });
    const third = planPlacements({ ...applied(twoWished, second), replicas: [again], nowMs: NOW_MS + 1500 });
    expect(third.failures).toMatchObject([{ failures: 2 }]);
    expect(third.unplaced[0]?.rejected[0]).toMatchObject({ retryAtMs: NOW_MS + 3500 });
  });
});
