/** How finely usage is summed. */
export type UsageInterval = 'hour' | 'day';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const SIZES = {
  hour: { lengthMs: HOUR_MS, usualDays: 1, mostDays: 31 },
  day: { lengthMs: DAY_MS, usualDays: 30, mostDays: 366 },
} as const;

/** What a caller asks for; what is left out has a usual value. */
export interface PeriodWish {
  interval: UsageInterval;
  fromMs?: number | undefined;
  toMs?: number | undefined;
}

/** Whole intervals of UTC, from the first instant of one to that of another. */
export interface UsagePeriod {
  startMs: number;
  endMs: number;
}

/**
 * The intervals that hold every instant from `fromMs` to before `toMs`. Left out, `toMs` is now and `fromMs` a day
 * (by hour) or 30 days (by day) earlier. A wish that cannot be met names the parameter at fault.
 */
export function usagePeriod(
  { interval, fromMs, toMs }: PeriodWish,
  nowMs: number,
): UsagePeriod | { param: 'from' | 'to'; complaint: string } {
  const { lengthMs, usualDays, mostDays } = SIZES[interval];
  const endMs = Math.ceil((toMs ?? nowMs) / lengthMs) * lengthMs;
  const startMs = Math.floor((fromMs ?? endMs - usualDays * DAY_MS) / lengthMs) * lengthMs;
  if ((fromMs ?? startMs) >= (toMs ?? nowMs)) {
    return fromMs === undefined || toMs !== undefined
      ? { param: 'to', complaint: 'Expected a time after from' }
      : { param: 'from', complaint: 'Expected a time before now, or to as well' };
  }
  if (endMs - startMs > mostDays * DAY_MS + lengthMs) {
    const most = `at most ${String(mostDays)} days by ${interval}`;
    return { param: 'from', complaint: `Expected ${most}: choose a later from or an earlier to` };
  }
  return { startMs, endMs };
}
