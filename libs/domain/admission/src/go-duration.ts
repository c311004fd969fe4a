const MS_PER_SECOND = 1_000;
const SECONDS_PER_MINUTE = 60;
const MINUTES_PER_HOUR = 60;

/** Whole milliseconds as Go writes durations: `0s`, `250ms`, `1.5s`, `6m0s`, `1h0m0.25s`. */
export function goDuration(ms: number): string {
  if (ms === 0) return '0s';
  if (ms < MS_PER_SECOND) return `${String(ms)}ms`;
  const minutes = Math.floor(ms / MS_PER_SECOND / SECONDS_PER_MINUTE);
  const seconds = `${String((ms - minutes * SECONDS_PER_MINUTE * MS_PER_SECOND) / MS_PER_SECOND)}s`;
  if (minutes === 0) return seconds;
  const hours = Math.floor(minutes / MINUTES_PER_HOUR);
  return `${hours === 0 ? '' : `${String(hours)}h`}${String(minutes % MINUTES_PER_HOUR)}m${seconds}`;
}
