import type { Plan, Start, Unplaced } from '@millrace/domain/placement';
import { DecisionLog } from './decisions.js';

const nothing: Plan = {
  start: [],
  stop: [],
  drain: [],
  release: [],
  measure: [],
  failures: [],
  unplaced: [],
  passedOver: [],
  estimate: [],
};

function unplaced(freeBytes: number, missing = 1): Unplaced {
  const rejection = {
    runnerId: 'run_a',
    deviceKey: 'cpu',
    reason: 'not_enough_free',
    needBytes: 9,
    freeBytes,
  } as const;
  return {
    deploymentId: 'dep_a',
    modelName: 'm',
    missing,
    part: 'min_replicas',
    reason: 'not_enough_free',
    rejected: [{ ...rejection, reservedBytes: 0, unmanagedBytes: 0 }],
  };
}

describe('the log of decisions', () => {
  it('explains an unmet wish once, until its reason changes or it was met in between', () => {
    const log = new DecisionLog();
    const lines = (plan: Partial<Plan>) => log.explain({ ...nothing, ...plan }).length;
    expect(lines({ unplaced: [unplaced(5)] })).toBe(1);
    expect(lines({ unplaced: [unplaced(6)] })).toBe(0);
    expect(lines({ unplaced: [unplaced(6, 2)] })).toBe(1);
    expect(lines({})).toBe(0);
    expect(lines({ unplaced: [unplaced(6, 2)] })).toBe(1);
  });

  it('tells what a start rests on, and of a claim that gave way to a surer number', () => {
    const start = (basis: Start['basis'], engineOptions: Record<string, unknown>): Start => ({
      ...{ replicaId: 'rep_a', deploymentId: 'dep_a', runnerId: 'run_a', deviceKey: 'cpu', peers: [], settings: '{}' },
      ...{ reason: 'min_replicas', layout: 'one_device', needBytes: 100, freeBytes: 200, score: 0.5, basis },
      spec: { modelName: 'm', artifact: 'a', engine: 'e', contextLength: 1, slots: 1, engineOptions },
    });
    const numbersOf = (one: Start) => new DecisionLog().explain({ ...nothing, start: [one] })[0]?.numbers;
    expect(numbersOf(start('formula', { footprintBytes: 90 }))).toMatchObject({ basis: 'formula', claimedBytes: 90 });
    expect(numbersOf(start('claimed', { footprintBytes: 100 }))).not.toHaveProperty('claimedBytes');
    expect(numbersOf(start('measured', {}))).not.toHaveProperty('claimedBytes');
  });

  it('tells by how much a prediction was off', () => {
    const footprint = { artifact: 'a', engine: 'e', settings: '{}', deviceType: 'cpu' };
    const home = { replicaId: 'rep_a', runnerId: 'run_a', deviceKey: 'cpu' };
    const sizes = { reservedBytes: 120, predictedBytes: 110, measuredBytes: 100, contextLength: 1, slots: 1 };
    const [line] = new DecisionLog().explain({ ...nothing, measure: [{ ...home, footprint, ...sizes }] });
    expect(line?.numbers).toMatchObject({ signedError: 0.1, predictedBytes: 110, measuredBytes: 100 });
  });
});
