import type { DemandReport } from '@millrace/contracts/job-contract';
import { settingsKey, type FleetSnapshot } from '@millrace/domain/placement';
import { DemandReports } from './demand-reports.js';

const spec = { modelName: 'm', artifact: 'a', engine: 'e', contextLength: 0, slots: 0, engineOptions: {} };
const wish = {
  ...{ deploymentId: 'dep_1', minReplicas: 0, maxReplicas: 4, perRunner: false, paused: false },
  spec: { ...spec, slots: 2 },
};
const fleet: Pick<FleetSnapshot, 'wishes' | 'assignments' | 'replicas' | 'footprints'> = {
  wishes: [wish],
  assignments: [],
  replicas: [],
  footprints: [],
};

const noBytes = { weightsBytes: 0, kvBytes: 0, computeBytes: 0, overheadBytes: 0 };
const foreseen = {
  ...{ artifact: 'a', engine: 'e', settings: settingsKey(spec), deviceType: 'cpu', outcome: 'known' as const },
  ...{ footprint: { basis: 'engine_dry_run' as const, breakdown: noBytes }, contextLength: 1, slots: 6 },
};

function report(owner: string, parts: Partial<DemandReport['queues'][number]> = {}): DemandReport {
  const nothing = {
    waitingJobs: 0,
    waitingTokens: 0,
    oldestWaitMs: 0,
    arrivalsPerSecond: 0,
    arrivalTokensPerSecond: 0,
  };
  return { owner, queues: [{ deploymentId: 'dep_1', ...nothing, answers: 0, slotTokensPerSecond: 0, ...parts }] };
}

function reports() {
  const clock = { nowMs: 0 };
  return { clock, reports: new DemandReports(() => clock.nowMs) };
}

describe('what API processes say that waits with them', () => {
  it('adds up, the newest of each process, with the oldest wait of all', () => {
    const { reports: heard } = reports();
    heard.hear(report('a', { waitingJobs: 9 }));
    heard.hear(report('a', { waitingJobs: 2, waitingTokens: 20, oldestWaitMs: 500, arrivalsPerSecond: 1 }));
    heard.hear(report('b', { waitingJobs: 1, waitingTokens: 5, oldestWaitMs: 900, arrivalTokensPerSecond: 7 }));
    expect(heard.current(fleet)).toEqual([
      {
        ...{ deploymentId: 'dep_1', waitingJobs: 3, waitingTokens: 25, oldestWaitMs: 900 },
        ...{ arrivalsPerSecond: 1, arrivalTokensPerSecond: 7, replicaTokensPerSecond: 0 },
      },
    ]);
  });

  it('ages while a process says nothing, and is dropped after 5 s: it is gone, or Redis is', () => {
    const { clock, reports: heard } = reports();
    heard.hear(report('a', { waitingJobs: 1, oldestWaitMs: 100 }));
    clock.nowMs = 4_999;
    expect(heard.current(fleet)).toMatchObject([{ oldestWaitMs: 5_099 }]);
    clock.nowMs = 5_000;
    expect(heard.current(fleet)).toEqual([]);
  });

  it('ends with the report of a process that stops', () => {
    const { reports: heard } = reports();
    heard.hear(report('a', { waitingJobs: 1 }));
    heard.hear({ owner: 'a', queues: [] });
    expect(heard.current(fleet)).toEqual([]);
  });

  it('makes the speed of a slot that of a replica: by its slots, else by those that are wished for or foreseen', () => {
    const { reports: heard } = reports();
    heard.hear(report('a', { answers: 3, slotTokensPerSecond: 40 }));
    heard.hear(report('b', { answers: 1, slotTokensPerSecond: 80 }));
    expect(heard.current(fleet)).toMatchObject([{ replicaTokensPerSecond: 100 }]);
    const open = { ...fleet, wishes: [{ ...wish, spec }], footprints: [foreseen] };
    expect(heard.current(open)).toMatchObject([{ replicaTokensPerSecond: 300 }]);
    const home = { replicaId: 'rep_1', deploymentId: 'dep_1', runnerId: 'run_1', deviceKey: 'cpu', spec, settings: '' };
    const replica = {
      replicaId: 'rep_1',
      runnerId: 'run_1',
      measuredBytes: 0,
      slots: 8,
      contextLength: 1,
      message: '',
    };
    const running = { ...fleet, assignments: [home], replicas: [{ ...replica, state: 'ready' as const }] };
    expect(heard.current(running)).toMatchObject([{ replicaTokensPerSecond: 400 }]);
  });
});
