const FIRST_DELAY_MS = 200;
const LONGEST_DELAY_MS = 30_000;
/** A part that ran this long was healthy; its next death begins a new series. */
const HEALTHY_MS = 60_000;

/** How often a part failed in a row, counting the death now, after it ran for `ranMs`. */
export function failuresInRow(before: number, ranMs: number): number {
  return ranMs >= HEALTHY_MS ? 1 : before + 1;
}

/** How long to wait before the next start: 0.2 s after the first failure, doubled with each, 30 s at most. */
export function restartDelayMs(failures: number): number {
  return Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** Math.max(0, failures - 1));
}
