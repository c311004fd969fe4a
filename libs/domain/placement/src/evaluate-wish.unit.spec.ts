import { evaluateWish } from './evaluate-wish.js';
import type { ObservedSnapshot } from './dry-run.js';
import { aReadyReplica, carriedOut } from '../test/running-fleet.js';
import { planPlacements } from './plan-placements.js';
import { aFootprint, aGpuRunner, aRunner, aSnapshot, aWish, NOW_MS } from '../test/snapshot-builder.js';

const wish = aWish('dep_new');
const onCuda = { deviceType: 'cuda' };

/** Each device of the fleet, with what it would do. */
const fitsOf = (snapshot: ObservedSnapshot, asked = wish) =>
  evaluateWish(snapshot, asked).devices.map(({ runner, device, fits, rejection }) => [
    ...[`${runner.name} ${device.deviceKey}`, fits, ...(rejection === undefined ? [] : [rejection.reason])],
  ]);

/** `dep_old` runs on the GPU of `run_a` and takes 60 of its 100 bytes. */
function busy() {
  const old = aWish('dep_old');
  const footprints = [aFootprint(old, 58, onCuda), aFootprint(wish, 49, onCuda)];
  const asked = aSnapshot({ wishes: [old], runners: [aGpuRunner('run_a', [100])], footprints });
  const fleet = carriedOut(asked, planPlacements(asked));
  return { ...fleet, replicas: fleet.assignments.map((home) => aReadyReplica(home, NOW_MS - 600_000)) };
}

describe('the evaluation of a wish', () => {
  it('tells each device that takes a replica now from those that are too small', () => {
    const snapshot = aSnapshot({
      runners: [aGpuRunner('run_a', [100, 40]), aGpuRunner('run_b', [60])],
      footprints: [aFootprint(wish, 49, onCuda)],
    });
    expect(fitsOf(snapshot)).toEqual([
      ['name-of-run_a gpu-0', 'now'],
      ['name-of-run_a gpu-1', 'never', 'device_too_small'],
      ['name-of-run_b gpu-0', 'now'],
    ]);
    expect(evaluateWish(snapshot, wish).devices[0]).toMatchObject({ needBytes: 50 });
  });

  it('evicts nobody, and says where it would fit without the others', () => {
    expect(fitsOf(busy())).toEqual([['name-of-run_a gpu-0', 'when_empty', 'not_enough_free']]);
  });

  it('leaves to other wishes what they are still to get', () => {
    const other = aWish('dep_other', { minReplicas: 1, priority: -5 });
    const footprints = [aFootprint(other, 49, onCuda), aFootprint(wish, 49, onCuda)];
    const snapshot = aSnapshot({ wishes: [other], runners: [aGpuRunner('run_a', [80])], footprints });
    expect(fitsOf(snapshot)).toEqual([['name-of-run_a gpu-0', 'when_empty', 'not_enough_free']]);
  });

  it('counts on runners that are away or cordoned, for later', () => {
    const runners = [
      aGpuRunner('run_a', [100], { health: 'lost' }),
      aGpuRunner('run_b', [100], { adminState: 'cordoned' }),
    ];
    expect(fitsOf(aSnapshot({ runners, footprints: [aFootprint(wish, 49, onCuda)] }))).toEqual([
      ['name-of-run_a gpu-0', 'when_empty', 'runner_lost'],
      ['name-of-run_b gpu-0', 'when_empty', 'runner_cordoned'],
    ]);
  });

  it('says what is not known yet, and who would be asked', () => {
    const snapshot = aSnapshot({ runners: [aGpuRunner('run_a', [100])] });
    expect(fitsOf(snapshot)).toEqual([['name-of-run_a gpu-0', 'unknown', 'awaiting_footprint']]);
    const { estimate, footprints } = evaluateWish(snapshot, wish);
    expect(estimate).toMatchObject([{ runnerId: 'run_a', footprint: { deviceType: 'cuda' } }]);
    expect(footprints).toEqual([]);
  });

  it('names what is known, and nothing of other settings', () => {
    const known = aFootprint(wish, 49, onCuda);
    const other = aFootprint(aWish('dep_new', { spec: { ...wish.spec, contextLength: 4_096 } }), 70, onCuda);
    const snapshot = aSnapshot({ runners: [aGpuRunner('run_a', [100])], footprints: [known, other] });
    expect(evaluateWish(snapshot, wish).footprints).toEqual([known]);
  });

  it('spreads a group over its devices', () => {
    const two = aWish('dep_new', { placement: { deviceCount: 2 } });
    const footprints = [aFootprint(two, 49, { ...onCuda, deviceCount: 2 })];
    const snapshot = aSnapshot({ runners: [aGpuRunner('run_a', [60, 60, 60])], footprints });
    expect(fitsOf(snapshot, two)).toEqual([
      ['name-of-run_a gpu-0', 'now'],
      ['name-of-run_a gpu-1', 'now'],
      ['name-of-run_a gpu-2', 'never', 'too_few_devices'],
    ]);
  });

  it('respects where the wish may stand', () => {
    const bound = aWish('dep_new', { placement: { runner: 'name-of-run_b' } });
    const snapshot = aSnapshot({
      runners: [aRunner('run_a', 100), aRunner('run_b', 100)],
      footprints: [aFootprint(bound, 49)],
    });
    expect(fitsOf(snapshot, bound)).toEqual([
      ['name-of-run_a cpu', 'never', 'other_runner'],
      ['name-of-run_b cpu', 'now'],
    ]);
  });
});
