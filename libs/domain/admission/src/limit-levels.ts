import type { Limits, LimitsOfPrincipal } from '@millrace/domain/tenancy';

/** Whose limits: all keys of the tenant together, or one key. */
export type LevelName = 'tenant' | 'key';

/** One level whose limits a request has to respect; at least one of them is set. */
export interface LimitedLevel {
  readonly name: LevelName;
  readonly limits: Limits;
}

/** The levels at which something is limited; none for most callers. */
export function limitedLevels(limits: LimitsOfPrincipal | undefined): LimitedLevel[] {
  if (limits === undefined) return [];
  const levels: LimitedLevel[] = [
    { name: 'tenant', limits: limits.tenant },
    { name: 'key', limits: limits.key },
  ];
  return levels.filter((level) => Object.values(level.limits).some((limit) => limit !== undefined));
}

/** The smallest value that one of the levels sets; undefined where none does. */
export function smallestLimit(levels: readonly LimitedLevel[], names: readonly (keyof Limits)[]): number | undefined {
  const set = levels.flatMap(({ limits }) => names.flatMap((name) => limits[name] ?? []));
  return set.length === 0 ? undefined : Math.min(...set);
}
