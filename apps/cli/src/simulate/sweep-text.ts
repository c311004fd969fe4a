import type { Comparison, LoadReport, RunReport } from '@millrace/domain/simulation';
import { tableOf, type Column } from '../client/output/table.js';

/** A whole sweep, as far as it has come. */
export interface Sweep {
  scenario: string;
  trace: string;
  seed: number;
  loads: LoadReport[];
}

const COLUMNS: Column<RunReport>[] = [
  { title: 'load', align: 'right', cell: ({ loadFactor }) => String(loadFactor) },
  { title: 'policy', cell: ({ policy }) => policy },
  { title: 'goodput/s', align: 'right', cell: ({ goodputPerSecond }) => goodputPerSecond.toFixed(2) },
  { title: 'good', align: 'right', cell: ({ good, requests }) => percent(good / Math.max(1, requests)) },
  { title: 'ttft p50', align: 'right', cell: ({ ttftSeconds }) => seconds(ttftSeconds.p50) },
  { title: 'p90', align: 'right', cell: ({ ttftSeconds }) => seconds(ttftSeconds.p90) },
  { title: 'p99', align: 'right', cell: ({ ttftSeconds }) => seconds(ttftSeconds.p99) },
  { title: 'expired', align: 'right', cell: ({ expired }) => String(expired) },
  { title: 'swaps', align: 'right', cell: ({ loads }) => String(loads) },
  { title: 'loaded GB', align: 'right', cell: ({ loadedBytes }) => (loadedBytes / 1e9).toFixed(0) },
  { title: 'device use', align: 'right', cell: ({ deviceUse }) => percent(deviceUse) },
  { title: 'memory', align: 'right', cell: ({ memoryUse }) => percent(memoryUse) },
  { title: 'longest wait', align: 'right', cell: ({ longestWaitSeconds }) => seconds(longestWaitSeconds) },
  { title: 'cold', align: 'right', cell: ({ longestColdWaitSeconds }) => seconds(longestColdWaitSeconds) },
];

/** One load factor for people: a row for each policy, then the comparison. */
export function loadText(load: LoadReport, { isFirst }: { isFirst: boolean }): string {
  const table = tableOf(COLUMNS, load.runs);
  const rows = isFirst ? table : table.slice(table.indexOf('\n') + 1);
  return rows + (load.comparison === undefined ? '' : comparisonLine(load, load.comparison));
}

function comparisonLine({ bound, loadFactor }: LoadReport, comparison: Comparison): string {
  const { ratio, mostRatio, wantedRatio } = comparison;
  const reached = ratio >= wantedRatio ? 'reached' : 'not reached';
  const most = `at most ${mostRatio.toFixed(2)} is possible, by ${BOUNDS[bound.by]}`;
  return `  load ${loadFactor}: millrace has ${ratio.toFixed(2)} times the goodput of the better other policy (${wantedRatio} wanted: ${reached}); ${most}\n`;
}

const BOUNDS = {
  arrivals: 'what arrives',
  memory: 'what the memory holds',
  device_time: 'the time of the devices',
} as const;

/** A sweep for programs; what never happened is null. */
export function sweepJson(sweep: Sweep): string {
  const finite = (_key: string, value: unknown) => (value === Infinity ? null : value);
  return `${JSON.stringify(sweep, finite, 2)}\n`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)}%`;
}

function seconds(value: number): string {
  return value === Infinity ? 'never' : `${value.toFixed(value < 10 ? 2 : 1)} s`;
}
