/** What may be shown after some more text; `stopped` once a stop string is complete. */
export interface Released {
  text: string;
  stopped: boolean;
}

/**
 * Ends a text in front of the first stop string and holds back what may still become one.
 * The first to be complete wins, then the longest, so the result does not depend on how the text was cut.
 */
export class StopMatcher {
  private held = '';
  private readonly stops: readonly string[];

  constructor(stops: readonly string[]) {
    this.stops = stops.filter((stop) => stop.length > 0);
  }

  push(text: string): Released {
    const seen = this.held + text;
    const start = this.firstMatch(seen);
    if (start !== undefined) {
      this.held = '';
      return { text: seen.slice(0, start), stopped: true };
    }
    const safe = seen.length - this.openLength(seen);
    this.held = seen.slice(safe);
    return { text: seen.slice(0, safe), stopped: false };
  }

  /** What was held back, once no more text can come. */
  flush(): string {
    const rest = this.held;
    this.held = '';
    return rest;
  }

  private firstMatch(seen: string): number | undefined {
    let best: { start: number; end: number } | undefined;
    for (const stop of this.stops) {
      const start = seen.indexOf(stop);
      if (start < 0) continue;
      const end = start + stop.length;
      if (best === undefined || end < best.end || (end === best.end && start < best.start)) best = { start, end };
    }
    return best?.start;
  }

  /** Length of the longest end of `seen` that begins a stop string. */
  private openLength(seen: string): number {
    let longest = 0;
    for (const stop of this.stops) {
      for (let length = Math.min(stop.length - 1, seen.length); length > longest; length -= 1) {
        if (seen.endsWith(stop.slice(0, length))) longest = length;
      }
    }
    return longest;
  }
}
