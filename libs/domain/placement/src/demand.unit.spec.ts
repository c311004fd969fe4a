import type { FleetSnapshot } from './fleet-snapshot.js';
import { DEFAULT_POLICY } from './placement-policy.js';
import { planPlacements } from './plan-placements.js';
import { isEmptyPlan } from './plan.js';
import { wantedReplicas } from './wanted-replicas.js';
import type { QueueDemand, Wish } from './wish.js';
import { aQueue, aReadyReplica, carriedOut } from '../test/running-fleet.js';
import { aFootprint, aGpuRunner, applied, aSnapshot, aWish, NOW_MS } from '../test/snapshot-builder.js';

const onDemand = (id: string, parts: Partial<Wish> = {}) => aWish(id, { minReplicas: 0, maxReplicas: 4, ...parts });

/** These wishes on one GPU of 100 bytes, 40 a replica; `demand` is what their replicas were loaded for, long ago. */
function running(wishes: readonly Wish[], demand: readonly QueueDemand[]): FleetSnapshot {
  const footprints = wishes.map((wish) => aFootprint(wish, 40, { deviceType: 'cuda', loadMs: 10_000 }));
  const empty = aSnapshot({ wishes, footprints, demand, runners: [aGpuRunner('run_a', [100])] });
  const fleet = carriedOut(empty, planPlacements(empty));
  return { ...fleet, demand: [], replicas: fleet.assignments.map((home) => aReadyReplica(home)) };
}

describe('the replicas that a queue wants', () => {
  const wanted = (parts: Partial<QueueDemand>) =>
    wantedReplicas(onDemand('dep_a'), aQueue('dep_a', 0, { waitingTokens: 0, ...parts }), DEFAULT_POLICY);

  it.each([
    ['none while nothing comes', {}, 0],
    ['one for the first job', { waitingJobs: 1, waitingTokens: 10 }, 1],
    ['as many as arrivals keep busy', { arrivalTokensPerSecond: 2_000, replicaTokensPerSecond: 1_000 }, 3],
    [
      'those that work a backlog off in time',
      { waitingJobs: 9, waitingTokens: 15_000, replicaTokensPerSecond: 1_000 },
      2,
    ],
    ['none for arrivals that hardly matter', { arrivalTokensPerSecond: 10, replicaTokensPerSecond: 1_000 }, 0],
    ['no more than the maximum', { arrivalTokensPerSecond: 9_000, replicaTokensPerSecond: 1_000 }, 4],
  ])('are %s', (_what, parts, count) => {
    expect(wanted(parts)).toBe(count);
  });
});

describe('a deployment on demand', () => {
  it('starts from zero when a job waits', () => {
    const fleet = running([onDemand('dep_a')], []);
    expect(isEmptyPlan(planPlacements(fleet))).toBe(true);
    const plan = planPlacements({ ...fleet, demand: [aQueue('dep_a', 1)] });
    expect(plan.start).toMatchObject([{ deploymentId: 'dep_a', reason: 'demand' }]);
  });

  it.each([
    ['keeps its replica within the keep-alive', { keepAliveMs: 900_000, inFlight: 0, reasons: [] }],
    ['goes back to zero after it', { keepAliveMs: 300_000, inFlight: 0, reasons: ['idle'] }],
    ['keeps one that serves', { keepAliveMs: 300_000, inFlight: 1, reasons: [] }],
  ])('%s', (_what, { keepAliveMs, inFlight, reasons }) => {
    const fleet = running([onDemand('dep_a', { keepAliveMs })], [aQueue('dep_a', 1)]);
    const replicas = fleet.assignments.map((home) => aReadyReplica(home, undefined, inFlight));
    expect(planPlacements({ ...fleet, replicas }).stop.map(({ reason }) => reason)).toEqual(reasons);
  });

  it('keeps an idle replica that is younger than the minimum residency', () => {
    const fleet = running([onDemand('dep_a', { keepAliveMs: 0 })], [aQueue('dep_a', 1)]);
    const replicas = fleet.assignments.map((home) => aReadyReplica(home, NOW_MS - 10_000));
    expect(planPlacements({ ...fleet, replicas }).stop).toEqual([]);
  });
});

describe('a swap', () => {
  const two = [onDemand('dep_a', { maxReplicas: 2 }), onDemand('dep_b', { maxReplicas: 1 })];
  const full = running(two, [aQueue('dep_a', 9, { waitingTokens: 20_000, replicaTokensPerSecond: 1_000 })]);

  it('happens once the wait of the cold model costs more than load and loss, and holds the room for it', () => {
    expect(full.assignments).toHaveLength(2);
    const at = (oldestWaitMs: number) => ({ ...full, demand: [aQueue('dep_b', 1, { oldestWaitMs })] });
    const early = planPlacements(at(5_000));
    expect([early.stop, early.unplaced[0]?.reason]).toEqual([[], 'swap_not_worth']);
    const late = planPlacements(at(15_000));
    expect(late.stop).toMatchObject([
      { deploymentId: 'dep_a', reason: 'evicted', eviction: { forDeploymentId: 'dep_b', waitingSeconds: 15 } },
    ]);
    expect(late.unplaced).toMatchObject([{ deploymentId: 'dep_b', reason: 'memory_coming_free' }]);
    expect(isEmptyPlan(planPlacements(applied(at(15_000), late)))).toBe(true);
    expect(planPlacements(carriedOut(at(15_000), late)).start).toMatchObject([{ deploymentId: 'dep_b' }]);
  });

  it.each([
    ['is pinned', { wishes: two.map((wish) => ({ ...wish, pinned: wish.deploymentId === 'dep_a' })) }],
    ['belongs to a minimum', { wishes: two.map((wish, index) => ({ ...wish, minReplicas: index === 0 ? 2 : 0 })) }],
    ['is young', { replicas: full.assignments.map((home) => aReadyReplica(home, NOW_MS - 1_000)) }],
    ['nobody knows the age of', { replicas: [] }],
    ['has a higher priority', { wishes: two.map((wish, index) => ({ ...wish, priority: 1 - index })) }],
  ])('does not take what %s', (_what, change) => {
    const demand = [
      aQueue('dep_a', 1, { arrivalTokensPerSecond: 5_000, replicaTokensPerSecond: 1_000 }),
      aQueue('dep_b', 1, { oldestWaitMs: 50_000 }),
    ];
    const plan = planPlacements({ ...full, demand, ...change });
    expect([plan.stop, plan.drain]).toEqual([[], []]);
    expect(plan.unplaced.find(({ deploymentId }) => deploymentId === 'dep_b')?.missing).toBe(1);
  });

  it('comes in bounded time even against a model with more work and a higher priority', () => {
    const wishes = two.map((wish, index) => ({ ...wish, priority: 1 - index, coldWaitMs: 60_000 }));
    const busy = aQueue('dep_a', 50, { oldestWaitMs: 20_000, waitingTokens: 9_999, replicaTokensPerSecond: 1_000 });
    const at = (oldestWaitMs: number) =>
      planPlacements({ ...full, wishes, demand: [busy, aQueue('dep_b', 1, { oldestWaitMs })] });
    expect(at(59_999).stop).toEqual([]);
    expect(at(60_000).stop).toMatchObject([{ eviction: { forDeploymentId: 'dep_b' } }]);
  });

  it('ends no more than it has to, and the cheapest', () => {
    const sizes: Record<string, number> = { dep_a: 20, dep_b: 30, dep_c: 40, dep_d: 60 };
    const wishes = Object.keys(sizes).map((id) => onDemand(id, { maxReplicas: 1 }));
    const footprints = wishes.map((wish) =>
      aFootprint(wish, sizes[wish.deploymentId] ?? 0, { deviceType: 'cuda', loadMs: 10_000 }),
    );
    const asked = ['dep_a', 'dep_b', 'dep_c'].map((id) => aQueue(id, 1));
    const empty = aSnapshot({ wishes, footprints, demand: asked, runners: [aGpuRunner('run_a', [100])] });
    const loaded = carriedOut(empty, planPlacements(empty));
    const idleMs: Record<string, number> = { dep_a: 600_000, dep_b: 10_000, dep_c: 300_000 };
    const replicas = loaded.assignments.map((home) => aReadyReplica(home, NOW_MS - (idleMs[home.deploymentId] ?? 0)));
    const policy = { minResidencyMs: 0 };
    const demand = [aQueue('dep_d', 1, { oldestWaitMs: 40_000 })];
    const plan = planPlacements({ ...loaded, replicas, policy, demand });
    expect(plan.stop.map(({ deploymentId }) => deploymentId).sort()).toEqual(['dep_a', 'dep_c']);
  });

  it('ends a drain at its deadline although the replica still serves', () => {
    const demand = [aQueue('dep_b', 1, { oldestWaitMs: 70_000 })];
    const busy = { ...full, demand, replicas: full.assignments.map((home) => aReadyReplica(home, undefined, 1)) };
    const plan = planPlacements(busy);
    expect(plan.drain).toMatchObject([{ reason: 'evicted', inFlight: 1, deadlineAtMs: NOW_MS + 60_000 }]);
    const draining = applied(busy, plan);
    expect(isEmptyPlan(planPlacements({ ...draining, nowMs: NOW_MS + 59_999 }))).toBe(true);
    const ended = planPlacements({ ...draining, nowMs: NOW_MS + 60_000 });
    expect(ended.stop).toMatchObject([{ replicaId: plan.drain[0]?.replicaId, reason: 'evicted' }]);
  });

  it('counts on memory of stopped replicas only for a while', () => {
    const demand = [aQueue('dep_b', 1, { oldestWaitMs: 15_000 })];
    const leaked = applied({ ...full, demand }, planPlacements({ ...full, demand }));
    expect(isEmptyPlan(planPlacements({ ...leaked, nowMs: NOW_MS + 59_999 }))).toBe(true);
    const later = planPlacements({ ...leaked, nowMs: NOW_MS + 60_000 });
    expect(later.stop).toMatchObject([{ deploymentId: 'dep_a', reason: 'evicted' }]);
  });
});
