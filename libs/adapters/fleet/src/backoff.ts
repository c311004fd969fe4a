const SHORTEST_MS = 100;
const LONGEST_MS = 5_000;

/** Waits between tries: doubling, bounded, and spread so that many runners do not come back at once. */
export class Backoff {
  private tries = 0;

  nextMs(): number {
    const fullMs = Math.min(LONGEST_MS, SHORTEST_MS * 2 ** this.tries);
    this.tries += 1;
    return fullMs * (0.5 + Math.random() / 2);
  }

  /** After a success. */
  reset(): void {
    this.tries = 0;
  }
}
