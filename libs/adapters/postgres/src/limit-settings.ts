import type { Limits } from '@millrace/domain/tenancy';
import { definedOf } from './defined-of.js';

/** Limits as they are administered; null is unlimited. */
export type LimitSettings = { [Name in keyof Limits]-?: number | null };

/** What a change says about limits: null lifts all of them or the one it stands for; what is left out stays. */
export type LimitChanges = { [Name in keyof Limits]?: number | null | undefined } | null;

const unlimited: LimitSettings = {
  requestsPerMinute: null,
  tokensPerMinute: null,
  maxConcurrent: null,
  tokensPerMonth: null,
};

/** The columns of limits after a change. */
export function applyLimits(row: Partial<LimitSettings>, changes: LimitChanges | undefined): LimitSettings {
  if (changes === null) return unlimited;
  return { ...limitsOfRow({ ...unlimited, ...row }), ...definedOf(changes ?? {}) };
}

/** Limits of a row that may hold more than them. */
export function limitsOfRow(row: LimitSettings): LimitSettings {
  const { requestsPerMinute, tokensPerMinute, maxConcurrent, tokensPerMonth } = row;
  return { requestsPerMinute, tokensPerMinute, maxConcurrent, tokensPerMonth };
}
