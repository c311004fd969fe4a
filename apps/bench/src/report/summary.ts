import type { ContenderName } from '../contender.js';
import type { KeyFigures } from '../measure-keys.js';
import type { StreamMemory } from '../measure-memory.js';
import type { PlanFigures } from '../measure-plans.js';
import type { Sample } from '../measure-rounds.js';
import type { ComparedScenario } from '../scenarios.js';
import { ANSWER_TOKENS, STEADY_MODEL } from '../workload.js';
import { medianBy, rowOf, type Values } from './median-values.js';
import type { Row, Target } from './row.js';

const KILOBYTE = 1_000;
const MEMORY_TARGET: Target = { atMost: 40 };
const ADDED_TARGETS: Partial<Record<ComparedScenario, { p50: Target; p99: Target }>> = {
  'rate-50': { p50: { atMost: 3 }, p99: { atMost: 15 } },
};
const BURST_TARGET: Target = { atMost: 12 };
const SHARE_TARGET: Target = { atLeast: 0.6 };
const PEER_TARGET: Target = { atLeast: 4 };
const API_TARGET: Target = { atMost: 0.5 };
const MANY_TENANTS_TARGET: Target = { atMost: 1.1 };
const LIMITS_TARGET: Target = { atMost: 1 };
const WRONG_KEYS_TARGET: Target = { atMost: 1.2 };
const FULL_PLAN_TARGET: Target = { atMost: 250 };
const INCREMENTAL_PLAN_TARGET: Target = { atMost: 20 };

/** All that a run of the bench has measured; what was not asked for is left out. */
export interface Measured {
  samples: readonly Sample[];
  memory: StreamMemory | undefined;
  keys: KeyFigures | undefined;
  plans: PlanFigures | undefined;
}

/** Every line of the table, out of what was measured. */
export function summarise({ samples, memory, keys, plans }: Measured): Row[] {
  const of = (scenario: ComparedScenario) => samples.filter((sample) => sample.scenario === scenario);
  return [
    ...firstTokenRows('rate-1', of('rate-1')),
    ...firstTokenRows('rate-50', of('rate-50')),
    ...firstTokenRows('rate-200', of('rate-200')),
    ...burstRows(of('burst')),
    ...saturationRows(of('saturation')),
    ...processorRows(of('saturation')),
    ...(memory === undefined ? [] : [memoryRow(memory)]),
    ...(keys === undefined ? [] : keyRows(keys)),
    ...(plans === undefined ? [] : planRows(plans)),
    ...brokenRows(samples),
  ];
}

/** Added time is the difference to direct in the same round; of the rounds, the median. */
function firstTokenRows(scenario: ComparedScenario, samples: readonly Sample[]): Row[] {
  if (samples.length === 0) return [];
  const rate = scenario.replace('rate-', '');
  return (['p50', 'p99'] as const).flatMap((percentile) => {
    const latency = (sample: Sample) => sample.result.latencyMs[percentile];
    const target = ADDED_TARGETS[scenario]?.[percentile];
    return [
      rowOf(`first token at ${rate} requests/s, ${percentile}`, 'ms', medianBy(samples, latency)),
      rowOf(
        '  added to direct',
        'ms',
        againstDirect(samples, latency, (own, direct) => own - direct),
        target,
      ),
    ];
  });
}

/** From the burst to the first token of each, without the time that the engine takes by itself. */
function burstRows(samples: readonly Sample[]): Row[] {
  if (samples.length === 0) return [];
  const { timeToFirstTokenMs } = STEADY_MODEL.engineOptions;
  return (['p50', 'p99'] as const).flatMap((percentile) => {
    const firstToken = ({ result }: Sample) => result.latencyMs[percentile] - timeToFirstTokenMs;
    return [
      rowOf(
        `128 at once, waited to start, ${percentile}`,
        'ms',
        medianBy(
          samples.filter(({ queueWaits }) => queueWaits !== undefined),
          ({ queueWaits }) => queueWaits?.[percentile] ?? Number.NaN,
        ),
        percentile === 'p50' ? BURST_TARGET : undefined,
      ),
      rowOf(`128 at once, first token, ${percentile}`, 'ms', medianBy(samples, firstToken)),
      rowOf(
        '  added to direct',
        'ms',
        againstDirect(samples, firstToken, (own, direct) => own - direct),
      ),
    ];
  });
}

function saturationRows(samples: readonly Sample[]): Row[] {
  if (samples.length === 0) return [];
  const perSecond = ({ result }: Sample) => result.complete / result.seconds;
  const requests = medianBy(samples, perSecond);
  const share = againstDirect(samples, perSecond, (own, direct) => own / direct);
  const rows = [
    rowOf('saturation', 'requests/s', requests),
    rowOf(
      '',
      'tokens/s',
      medianBy(samples, (sample) => perSecond(sample) * ANSWER_TOKENS),
    ),
    rowOf('  of direct', 'times', share, SHARE_TARGET),
  ];
  if (requests.portkey === undefined || requests.millrace === undefined) return rows;
  return [...rows, rowOf('  of the peer', 'times', { millrace: requests.millrace / requests.portkey }, PEER_TARGET)];
}

function processorRows(samples: readonly Sample[]): Row[] {
  const parts = new Set(samples.flatMap(({ processorMs }) => Object.keys(processorMs)));
  return [...parts].map((part) => {
    const having = samples.filter(({ processorMs }) => part in processorMs);
    const perRequest = ({ processorMs, result }: Sample) => (processorMs[part] ?? 0) / result.complete;
    return rowOf(
      `processor time, ${part}`,
      'ms/request',
      medianBy(having, perRequest),
      part === 'api' ? API_TARGET : undefined,
    );
  });
}

function memoryRow({ streams, beforeBytes, openBytes }: StreamMemory): Row {
  const kilobytes = (openBytes - beforeBytes) / streams / KILOBYTE;
  return rowOf(`api memory, each of ${String(streams)} streams`, 'KB', { millrace: kilobytes }, MEMORY_TARGET);
}

/** First tokens at 50 requests a second, the engine's 10 ms included, as callers see them. */
function keyRows({ tenants, keys, withOneTenantMs, withManyTenantsMs, beside, ...figures }: KeyFigures): Row[] {
  const many = `${String(tenants)} tenants, ${String(keys)} keys`;
  const row = (...[figure, unit, millrace, target]: [string, string, number, Target?]) =>
    rowOf(figure, unit, { millrace }, target);
  return [
    row('first token with 1 tenant, p50', 'ms', withOneTenantMs),
    row(`first token with ${many}, p50`, 'ms', withManyTenantsMs),
    row('  against 1 tenant', 'times', withManyTenantsMs / withOneTenantMs, MANY_TENANTS_TARGET),
    row('first token beside wrong keys, p50', 'ms', beside.wrongKeysMs),
    row('  against none', 'times', beside.wrongKeysMs / withManyTenantsMs, WRONG_KEYS_TARGET),
    row('  wrong keys refused', 'requests/s', beside.refusedPerSecond),
    row('  answers not complete', 'answers', figures.broken, { atMost: 0 }),
    row('check of all limits, p50', 'ms', figures.limitsCheckMs, LIMITS_TARGET),
  ];
}

function planRows({
  runners,
  devices,
  deployments,
  replicas,
  fullMs,
  unchangedMs,
  incrementalMs,
  placedAnew,
}: PlanFigures) {
  const row = (figure: string, milliseconds: number, target: Target) =>
    rowOf(figure, 'ms', { millrace: milliseconds }, target);
  const counts = [`${runners} runners`, `${devices} devices`, `${deployments} deployments`, `${replicas} replicas`];
  return [
    row(`full plan: ${counts.join(', ')}`, fullMs, FULL_PLAN_TARGET),
    row(`  incremental: a runner is lost, ${placedAnew} replicas anew`, incrementalMs, INCREMENTAL_PLAN_TARGET),
    row('  incremental: nothing has changed', unchangedMs, INCREMENTAL_PLAN_TARGET),
  ];
}

function brokenRows(samples: readonly Sample[]): Row[] {
  const total: Values = {};
  for (const { contender, result } of samples) total[contender] = (total[contender] ?? 0) + result.broken;
  return samples.length === 0 ? [] : [rowOf('answers not complete', 'answers', total, { atMost: 0 })];
}

/** Compares each contender with direct in the same round. */
function againstDirect(
  samples: readonly Sample[],
  value: (sample: Sample) => number,
  compare: (own: number, direct: number) => number,
): Values {
  const direct = new Map(samples.filter(isOf('direct')).map((sample) => [sample.round, value(sample)]));
  const others = samples.filter((sample) => sample.contender !== 'direct');
  return medianBy(others, (sample) => compare(value(sample), direct.get(sample.round) ?? Number.NaN));
}

function isOf(contender: ContenderName): (sample: Sample) => boolean {
  return (sample) => sample.contender === contender;
}
