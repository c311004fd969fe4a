import type { ContenderName } from '../contender.js';

/** What millrace's value has to be. */
export type Target = { atMost: number } | { atLeast: number };

/** One line of the table. */
export interface Row {
  figure: string;
  unit: string;
  values: Partial<Record<ContenderName, number>>;
  /** Left out where nothing is aimed at. */
  target?: Target;
}

export function isReached(value: number, target: Target): boolean {
  return 'atMost' in target ? value <= target.atMost : value >= target.atLeast;
}
