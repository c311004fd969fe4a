import type { Popularity } from './scenario.js';

/** A seeded source of numbers in [0, 1). */
export type Random = () => number;

/** From this second on each model has this share of the requests. */
export interface PopularityPeriod {
  fromSeconds: number;
  shares: readonly number[];
}

/** The shares of the models until the end: ranks are shuffled once, then drift. */
export function popularityPeriods(
  popularity: Popularity,
  of: { models: number; untilSeconds: number },
  random: Random,
): PopularityPeriod[] {
  const weights = Array.from({ length: of.models }, (_each, rank) => (rank + 1) ** -popularity.zipfExponent);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  const modelAtRank = shuffled(of.models, random);
  const periods: PopularityPeriod[] = [];
  for (let fromSeconds = 0; fromSeconds <= of.untilSeconds; fromSeconds += popularity.driftEverySeconds) {
    if (fromSeconds > 0) drift(modelAtRank, popularity.driftSwaps, random);
    const shares = Array<number>(of.models).fill(0);
    modelAtRank.forEach((model, rank) => (shares[model] = (weights[rank] ?? 0) / sum));
    periods.push({ fromSeconds, shares });
  }
  return periods;
}

/** The period that holds at this second. */
export function periodAt(periods: readonly PopularityPeriod[], seconds: number): PopularityPeriod {
  const period = periods.findLast(({ fromSeconds }) => fromSeconds <= seconds) ?? periods[0];
  if (period === undefined) throw new Error('There is no period of popularity: the trace is empty.');
  return period;
}

/** A model by its share. */
export function drawModel({ shares }: PopularityPeriod, random: Random): number {
  let left = random();
  for (const [model, share] of shares.entries()) {
    left -= share;
    if (left < 0) return model;
  }
  return shares.length - 1;
}

function shuffled(count: number, random: Random): number[] {
  const order = Array.from({ length: count }, (_each, index) => index);
  for (let last = count - 1; last > 0; last -= 1) swap(order, last, Math.floor(random() * (last + 1)));
  return order;
}

/** So many random pairs of ranks change places. */
function drift(order: number[], swaps: number, random: Random): void {
  if (order.length < 2) return;
  for (let count = 0; count < swaps; count += 1) {
    const one = Math.floor(random() * order.length);
    const step = 1 + Math.floor(random() * (order.length - 1));
    swap(order, one, (one + step) % order.length);
  }
}

function swap(order: number[], a: number, b: number): void {
  const former = order[a] ?? 0;
  order[a] = order[b] ?? 0;
  order[b] = former;
}
