import type { ContenderName } from '../contender.js';
import type { Sample } from '../measure-rounds.js';
import type { Row, Target } from './row.js';

export type Values = Partial<Record<ContenderName, number>>;

/** Of each contender, the median over its rounds. */
export function medianBy(samples: readonly Sample[], value: (sample: Sample) => number): Values {
  const contenders = new Set(samples.map(({ contender }) => contender));
  return Object.fromEntries(
    [...contenders].map((name) => [name, median(samples.filter(({ contender }) => contender === name).map(value))]),
  );
}

/** Between the two middle values where their number is even. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  const [low, high] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]];
  if (low === undefined || high === undefined) return Number.NaN;
  return (low + high) / 2;
}

export function rowOf(...[figure, unit, values, target]: [string, string, Values, Target?]): Row {
  return { figure, unit, values, ...(target !== undefined && { target }) };
}
