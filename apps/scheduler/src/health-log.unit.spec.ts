import type { RunnerHealth, SnapshotRunner } from '@millrace/domain/placement';
import { HealthLog } from './health-log.js';

function fleetWith(health: RunnerHealth) {
  const runner: SnapshotRunner = {
    ...{ runnerId: 'run_1', name: 'node-a', adminState: 'active', engines: [], generation: 1, observedGeneration: 1 },
    ...{ devices: [], health },
  };
  const spec = { modelName: 'm', artifact: 'a', engine: 'e', contextLength: 0, slots: 0, engineOptions: {} };
  const home = { replicaId: 'rep_1', deploymentId: 'dep_1', runnerId: 'run_1', deviceKey: 'cpu', spec, settings: '' };
  return { runners: [runner], assignments: [home] };
}

describe('the log of health', () => {
  it('says once when a runner changes, with the replicas that it has', () => {
    const log = new HealthLog();
    const reasons = (health: RunnerHealth) => log.explain(fleetWith(health)).map(({ reason }) => reason);
    expect(reasons('alive')).toEqual([]);
    expect(reasons('suspect')).toEqual(['runner_suspect']);
    expect(reasons('suspect')).toEqual([]);
    const [line] = log.explain(fleetWith('lost'));
    expect(line).toMatchObject({ action: 'health', reason: 'runner_lost', numbers: { replicaIds: ['rep_1'] } });
    expect(reasons('alive')).toEqual(['runner_alive']);
  });

  it('forgets a runner that was deleted', () => {
    const log = new HealthLog();
    log.explain(fleetWith('lost'));
    log.explain({ runners: [], assignments: [] });
    expect(log.explain(fleetWith('lost'))).toHaveLength(1);
  });
});
