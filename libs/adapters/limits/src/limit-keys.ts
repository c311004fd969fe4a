/** The keys of one level; the braces put all levels of a tenant into one hash slot. */
export interface LevelKeys {
  /** Hash: requests and tokens of the last minute, by second. */
  minute: string;
  /** Sorted set: the holds of requests under way, by the instant at which they expire. */
  open: string;
  /** What is held and used of the month. */
  month: string;
}

/** The keys of a tenant, or of one of its keys, in a month such as `2026-11`. */
export function levelKeys(tenantId: string, keyId: string | undefined, month: string): LevelKeys {
  const level = `mr:limits:{${tenantId}}:${keyId ?? 'tenant'}`;
  return { minute: `${level}:minute`, open: `${level}:open`, month: `${level}:month:${month}` };
}
