/** A calendar month, UTC: the time that a quota is for. */
export interface QuotaMonth {
  /** `2026-11`. */
  readonly name: string;
  readonly startMs: number;
  /** The first instant of the next one. */
  readonly endMs: number;
}

/** The month in which an instant lies. */
export function quotaMonth(nowMs: number): QuotaMonth {
  const date = new Date(nowMs);
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()];
  return { name: date.toISOString().slice(0, 7), startMs: Date.UTC(year, month), endMs: Date.UTC(year, month + 1) };
}
