import type { LoadFailure } from './fleet-snapshot.js';

const FIRST_RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 60_000;
/** A failure that long ago says nothing about the next load. */
const FORGET_AFTER_MS = 600_000;

/** When the deployment may be tried on the device again: each failure in a row doubles the wait. */
export function retryAtMs(failure: Pick<LoadFailure, 'failures' | 'failedAtMs'>): number {
  return failure.failedAtMs + Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (failure.failures - 1));
}

/** Whether the failure still counts for a replica with these settings. */
export function isRemembered(failure: LoadFailure, settings: string, nowMs: number): boolean {
  return failure.settings === settings && nowMs - failure.failedAtMs < FORGET_AFTER_MS;
}

/** The memory of one more failure. */
export function nextFailure(
  earlier: LoadFailure | undefined,
  failed: Omit<LoadFailure, 'failures' | 'failedAtMs'>,
  nowMs: number,
): LoadFailure {
  const inARow = earlier !== undefined && isRemembered(earlier, failed.settings, nowMs) ? earlier.failures : 0;
  return { ...failed, failures: inARow + 1, failedAtMs: nowMs };
}
