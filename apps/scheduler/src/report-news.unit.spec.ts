import { ReplicaState, type Heartbeat, type ReplicaObservation } from '@millrace/contracts/runner-protocol';
import { ReportNews } from './report-news.js';

function heartbeat(replica: Partial<ReplicaObservation> = {}, freeBytes = 5): Heartbeat {
  const ready = {
    replicaId: 'rep_1',
    state: ReplicaState.REPLICA_STATE_READY,
    slots: 1,
    contextLength: 1,
    message: '',
  };
  return {
    devices: [{ deviceKey: 'cpu', deviceType: 'cpu', totalBytes: 9, freeBytes }],
    replicas: [{ ...ready, measuredBytes: 4, progress: 1, inFlight: 0, idleForMs: 1, loadMs: 1, ...replica }],
    observedGeneration: 1,
    observedEpoch: 1,
  };
}

describe('a heartbeat', () => {
  it('is news when a replica changes its state, its size or between idle and busy, not when ages or free bytes move', () => {
    const news = new ReportNews();
    const isNew = (...about: Parameters<typeof heartbeat>) => news.isNew('run_1', heartbeat(...about));
    expect([isNew(), isNew(), isNew({ idleForMs: 9 }), isNew({}, 4)]).toEqual([true, false, false, false]);
    expect([isNew({ inFlight: 1 }), isNew({ inFlight: 3 }), isNew({ inFlight: 0 })]).toEqual([true, false, true]);
    expect([isNew({ measuredBytes: 5 }), isNew({ state: ReplicaState.REPLICA_STATE_FAILED })]).toEqual([true, true]);
  });

  it('of a runner that has come back is news', () => {
    const news = new ReportNews();
    news.isNew('run_1', heartbeat());
    news.forget('run_1');
    expect(news.isNew('run_1', heartbeat())).toBe(true);
  });
});
