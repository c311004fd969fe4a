import type { ContenderName } from '../contender.js';
import type { Sample } from '../measure-rounds.js';
import type { ComparedScenario } from '../scenarios.js';
import type { Row } from './row.js';
import { summarise, type Measured } from './summary.js';

interface Measurement {
  round?: number;
  p50?: number;
  p99?: number;
  complete?: number;
  broken?: number;
  processorMs?: Record<string, number>;
}

function sample(scenario: ComparedScenario, contender: ContenderName, measured: Measurement): Sample {
  const { round = 1, p50 = 0, p99 = 0, complete = 100, broken = 0, processorMs = {} } = measured;
  const result = { complete, broken, seconds: 10, latencyMs: { p50, p99, max: p99 } };
  return { scenario, round, contender, result, processorMs, otherShare: 0 };
}

function rowsOf(samples: Sample[], others: Partial<Measured> = {}): Row[] {
  return summarise({ samples, memory: undefined, keys: undefined, plans: undefined, ...others });
}

function valuesOf(rows: readonly Row[], figure: string): Row['values'] | undefined {
  return rows.find((row) => row.figure.trim() === figure)?.values;
}

describe('summarise', () => {
  it('takes added time from the same round and tells the median of the rounds', () => {
    const rows = rowsOf([
      sample('rate-50', 'direct', { round: 1, p50: 10 }),
      sample('rate-50', 'millrace', { round: 1, p50: 12 }),
      sample('rate-50', 'direct', { round: 2, p50: 30 }),
      sample('rate-50', 'millrace', { round: 2, p50: 33 }),
      sample('rate-50', 'direct', { round: 3, p50: 10 }),
      sample('rate-50', 'millrace', { round: 3, p50: 19 }),
    ]);
    expect(valuesOf(rows, 'first token at 50 requests/s, p50')).toEqual({ direct: 10, millrace: 19 });
    expect(valuesOf(rows, 'added to direct')).toEqual({ millrace: 3 });
  });

  it('compares requests a second with direct and with the peer', () => {
    const rows = rowsOf([
      sample('saturation', 'direct', { complete: 1_000 }),
      sample('saturation', 'millrace', { complete: 700 }),
      sample('saturation', 'portkey', { complete: 140 }),
    ]);
    expect(valuesOf(rows, 'saturation')).toEqual({ direct: 100, millrace: 70, portkey: 14 });
    expect(valuesOf(rows, 'of direct')?.millrace).toBeCloseTo(0.7);
    expect(valuesOf(rows, 'of the peer')?.millrace).toBeCloseTo(5);
  });

  it('divides processor time among the answers that were complete', () => {
    const rows = rowsOf([sample('saturation', 'millrace', { complete: 50, broken: 50, processorMs: { api: 25 } })]);
    expect(valuesOf(rows, 'processor time, api')).toEqual({ millrace: 0.5 });
  });

  it('tells a burst without the time that the engine takes by itself', () => {
    const rows = rowsOf([sample('burst', 'millrace', { p50: 25 })]);
    expect(valuesOf(rows, '128 at once, first token, p50')).toEqual({ millrace: 15 });
  });

  it('tells how long a burst waited to start, of those that have a queue', () => {
    const waited = { ...sample('burst', 'millrace', {}), queueWaits: { p50: 9, p99: 20 } };
    const rows = rowsOf([sample('burst', 'direct', {}), waited]);
    expect(valuesOf(rows, '128 at once, waited to start, p50')).toEqual({ millrace: 9 });
  });

  it('spreads the growth of the api over the streams', () => {
    const rows = rowsOf([], { memory: { streams: 1_000, beforeBytes: 100_000_000, openBytes: 130_000_000 } });
    expect(rows).toHaveLength(1);
    expect(rows[0]?.values).toEqual({ millrace: 30 });
  });

  it('compares many tenants with one, and a storm of wrong keys with none', () => {
    const beside = { wrongKeysMs: 15.6, refusedPerSecond: 2_000 };
    const figures = {
      tenants: 100,
      keys: 1_000,
      withOneTenantMs: 12,
      withManyTenantsMs: 13,
      beside,
      broken: 0,
      limitsCheckMs: 1,
    };
    const rows = rowsOf([], { keys: figures });
    expect(valuesOf(rows, 'against 1 tenant')?.millrace).toBeCloseTo(13 / 12);
    expect(valuesOf(rows, 'against none')?.millrace).toBeCloseTo(1.2);
  });

  it('tells how long plans take, each with its target', () => {
    const counts = { runners: 10, devices: 80, deployments: 5, replicas: 40, placedAnew: 3, otherShare: 0 };
    const rows = rowsOf([], { plans: { ...counts, fullMs: 100, unchangedMs: 5, incrementalMs: 21 } });
    expect(rows).toEqual([
      expect.objectContaining({
        figure: 'full plan: 10 runners, 80 devices, 5 deployments, 40 replicas',
        values: { millrace: 100 },
        target: { atMost: 250 },
      }),
      expect.objectContaining({ values: { millrace: 21 }, target: { atMost: 20 } }),
      expect.objectContaining({ values: { millrace: 5 }, target: { atMost: 20 } }),
    ]);
  });

  it('counts every answer that was not complete', () => {
    const rows = rowsOf([sample('rate-1', 'millrace', { broken: 2 }), sample('burst', 'millrace', { broken: 1 })]);
    expect(valuesOf(rows, 'answers not complete')).toEqual({ millrace: 3 });
  });
});
