/** Which of the connected runners were deleted. Owns who was missing at the last look. */
export class RemovedRunners {
  private missing: ReadonlySet<string> = new Set();

  /**
   * A runner joins before it connects, so one that is missing twice in a row was deleted; the first time it may have
   * joined after the fleet was observed.
   */
  among(connected: readonly string[], isKnown: (runnerId: string) => boolean): string[] {
    const missing = connected.filter((runnerId) => !isKnown(runnerId));
    const removed = missing.filter((runnerId) => this.missing.has(runnerId));
    this.missing = new Set(missing);
    return removed;
  }
}
