import { dryRun, withWish } from './dry-run.js';
import { aFootprint, aGpuRunner, aSnapshot, aWish } from '../test/snapshot-builder.js';

const onDemand = aWish('dep_new', { minReplicas: 0, maxReplicas: 2 });
const runners = [aGpuRunner('run_a', [100])];
const footprints = [aFootprint(onDemand, 49, { deviceType: 'cuda' })];
const fleet = aSnapshot({ runners, footprints });

describe('a dry run', () => {
  it('plans as many starts as there are to plan, without ids of replicas to come', () => {
    const wish = aWish('dep_new', { minReplicas: 2 });
    const { start } = dryRun(withWish({ ...fleet, footprints: [aFootprint(wish, 40, { deviceType: 'cuda' })] }, wish));
    expect(start.map(({ replicaId }) => replicaId)).toEqual(['new-0', 'new-1']);
  });

  it('takes a wish on demand as if one job had waited for it', () => {
    expect(dryRun({ ...fleet, wishes: [onDemand] }).start).toEqual([]);
    expect(dryRun(withWish(fleet, onDemand)).start).toMatchObject([{ deploymentId: 'dep_new', reason: 'demand' }]);
  });

  it('puts the wish in the place of what its deployment wishes', () => {
    const before = { ...fleet, wishes: [aWish('dep_new', { minReplicas: 1 }), aWish('dep_other')] };
    const { wishes } = withWish(before, onDemand);
    expect(wishes).toEqual([aWish('dep_other'), onDemand]);
  });
});
