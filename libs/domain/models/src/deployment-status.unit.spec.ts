import { deploymentStatus, type DeployedReplica, type ObservedDeployment } from './deployment-status.js';

const replica = (state: DeployedReplica['state'], changes: Partial<DeployedReplica> = {}): DeployedReplica => ({
  ...{ state, isDraining: false, progress: 0, message: '' },
  ...changes,
});

/** One replica is wanted and the scheduler has acted on that. */
function statusOf(changes: Partial<ObservedDeployment> & { minReplicas?: number; paused?: boolean }) {
  const { minReplicas = 1, paused = false, ...observed } = changes;
  return deploymentStatus({
    wish: { minReplicas, paused, generation: 3 },
    ...{ observedGeneration: 3, replicas: [], isSchedulerPaused: false },
    ...observed,
  });
}

const place = { runnerId: 'run_1', deviceKey: 'gpu-0' };

describe('the status of a deployment', () => {
  it('is pending until the scheduler has acted on the wish', () => {
    const status = { phase: 'pending', reason: 'not_decided', observedGeneration: 2 };
    expect(statusOf({ observedGeneration: 2 })).toMatchObject(status);
    const stale = { action: 'unplaced', reason: 'no_devices' };
    expect(statusOf({ observedGeneration: 2, decision: stale })).toMatchObject(status);
  });

  it('says how far the furthest replica is loaded', () => {
    expect(statusOf({ replicas: [replica('assigned')] })).toMatchObject({ phase: 'loading' });
    const replicas = [replica('loading', { progress: 0.414 }), replica('assigned')];
    expect(statusOf({ replicas })).toEqual({
      ...{ phase: 'loading', reason: 'replicas_loading', observedGeneration: 3 },
      message: '2 replicas to load; 41 % are done.',
    });
  });

  it('is ready as soon as the minimum serves, and on demand as soon as one does', () => {
    const replicas = [replica('ready'), replica('loading')];
    expect(statusOf({ replicas })).toMatchObject({ phase: 'ready', message: '1 replica can serve.' });
    expect(statusOf({ minReplicas: 0, replicas })).toMatchObject({ phase: 'ready' });
    expect(statusOf({ minReplicas: 0, replicas: [replica('loading')] })).toMatchObject({ phase: 'loading' });
  });

  it('is degraded while fewer than the minimum serve, and says what becomes of the others', () => {
    const serving = replica('ready');
    const one = statusOf({ minReplicas: 2, replicas: [serving, replica('loading', { progress: 0.5 })] });
    expect(one).toMatchObject({
      ...{ phase: 'degraded', reason: 'replicas_loading' },
      message: '1 of at least 2 replicas can serve. 1 replica to load; 50 % are done.',
    });
    const rejected = [{ ...place, reason: 'device_has_replica' as const }];
    const decision = { action: 'unplaced', reason: 'device_has_replica', rejected };
    expect(statusOf({ minReplicas: 2, replicas: [serving], decision })).toMatchObject({
      ...{ phase: 'degraded', reason: 'device_has_replica' },
      message: expect.stringContaining('device gpu-0 has its replica already') as string,
    });
  });

  it('does not count on replicas that are on their way out', () => {
    const leaving = replica('ready', { isDraining: true });
    const decision = { action: 'drain', reason: 'idle' };
    expect(statusOf({ minReplicas: 0, replicas: [leaving], decision })).toMatchObject({ phase: 'idle' });
    expect(statusOf({ replicas: [leaving] })).toMatchObject({ phase: 'pending' });
  });

  it('is unplaced with the reason of the closest device', () => {
    const rejected = [
      { ...place, reason: 'engine_missing' as const, engine: 'llama-cpp', offered: [] },
      { ...place, reason: 'device_too_small' as const, needBytes: 48 * 1024 ** 3, capacityBytes: 24 * 1024 ** 3 },
    ];
    const status = statusOf({ decision: { action: 'unplaced', reason: 'device_too_small', rejected } });
    expect(status).toMatchObject({
      ...{ phase: 'unplaced', reason: 'device_too_small' },
      message: 'No device takes a replica: it needs 48.00 GB, and device gpu-0 has 24.00 GB in all.',
    });
    expect(statusOf({ decision: { action: 'unplaced', reason: 'no_devices' } })).toMatchObject({
      ...{ phase: 'unplaced', reason: 'no_devices' },
      message: 'No device takes a replica: no runner has offered a device yet.',
    });
  });

  it('is pending while what stands in the way passes by itself', () => {
    const rejected = [{ ...place, reason: 'awaiting_footprint' as const }];
    const decision = { action: 'unplaced', reason: 'awaiting_footprint', rejected };
    expect(statusOf({ decision })).toMatchObject({ phase: 'pending', reason: 'awaiting_footprint' });
  });

  it('is idle when nothing has to be loaded, whatever was decided before', () => {
    expect(statusOf({ minReplicas: 0 })).toMatchObject({ phase: 'idle', reason: 'no_demand' });
    const decision = { action: 'stop', reason: 'idle' };
    expect(statusOf({ minReplicas: 0, decision })).toMatchObject({ phase: 'idle' });
  });

  it('is paused, and says what still finishes', () => {
    expect(statusOf({ paused: true })).toMatchObject({ phase: 'paused', reason: 'deployment_paused' });
    const replicas = [replica('ready', { isDraining: true })];
    const { message } = statusOf({ paused: true, replicas });
    expect(message).toContain('1 replica may finish first.');
  });

  it('blames the paused scheduler for what is missing, and for nothing else', () => {
    const isSchedulerPaused = true;
    expect(statusOf({ isSchedulerPaused })).toMatchObject({ phase: 'pending', reason: 'scheduler_paused' });
    expect(statusOf({ isSchedulerPaused, replicas: [replica('ready')] })).toMatchObject({ phase: 'ready' });
  });
});
