/** A replica whose memory would help, and what it costs to stop it. */
export interface Choice {
  bytes: number;
  costSeconds: number;
  /** Of one group at most so many may be chosen. */
  group: string;
}

/** More are not searched through: each one doubles the sets. */
const MOST_CHOICES = 12;

/**
 * The cheapest set of choices that frees the bytes, by exhaustive search with pruning; of equally cheap ones the first
 * by the order given. Undefined when no set is allowed and enough.
 */
export function cheapestSet<Item extends Choice>(
  choices: readonly Item[],
  wanted: { bytes: number; spare: (group: string) => number },
): { chosen: readonly Item[]; costSeconds: number } | undefined {
  const candidates = choices.slice(0, MOST_CHOICES);
  const bytesFrom = suffixSums(candidates);
  const taken = new Map<string, number>();
  let best: { chosen: readonly Item[]; costSeconds: number } | undefined;

  const search = (index: number, chosen: readonly Item[], sums: { bytes: number; costSeconds: number }): void => {
    if (best !== undefined && sums.costSeconds >= best.costSeconds) return;
    if (sums.bytes >= wanted.bytes) {
      best = { chosen, costSeconds: sums.costSeconds };
      return;
    }
    const candidate = candidates[index];
    if (candidate === undefined || sums.bytes + (bytesFrom[index] ?? 0) < wanted.bytes) return;
    const inGroup = taken.get(candidate.group) ?? 0;
    if (inGroup < wanted.spare(candidate.group)) {
      taken.set(candidate.group, inGroup + 1);
      const { bytes, costSeconds } = sums;
      const withIt = { bytes: bytes + candidate.bytes, costSeconds: costSeconds + candidate.costSeconds };
      search(index + 1, [...chosen, candidate], withIt);
      taken.set(candidate.group, inGroup);
    }
    search(index + 1, chosen, sums);
  };

  search(0, [], { bytes: 0, costSeconds: 0 });
  return best;
}

/** Bytes of all choices from each position on. */
function suffixSums(choices: readonly Choice[]): number[] {
  const sums: number[] = [];
  let sum = 0;
  for (let index = choices.length - 1; index >= 0; index -= 1) {
    sum += choices[index]?.bytes ?? 0;
    sums[index] = sum;
  }
  return sums;
}
