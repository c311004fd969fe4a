import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 50;

/** Waits until `look` answers something; throws with `what` after `limitMs`. */
export async function eventually<T>(what: string, limitMs: number, look: () => Promise<T | undefined>): Promise<T> {
  const deadlineMs = performance.now() + limitMs;
  while (performance.now() < deadlineMs) {
    const seen = await look();
    if (seen !== undefined) return seen;
    await delay(POLL_MS);
  }
  throw new Error(`Not within ${limitMs / 1_000} s: ${what}`);
}
