/** What may be shown after some more text; `stopped` once a stop string is complete. */
export interface Released {
  text: string;
  stopped: boolean;
}

/**
 * Ends a text in front of the first stop string, or behind the first of its last words, and holds back what may still
 * become one. The first to be complete wins, then the longest, so the result does not depend on how the text was cut.
 */
export class StopMatcher {
  private held = '';
  private readonly endings: readonly { words: string; isShown: boolean }[];

  /** `lastWords` are shown, unlike stop strings. */
  constructor(stops: readonly string[], lastWords: readonly string[] = []) {
    this.endings = [
      ...stops.filter((stop) => stop.length > 0).map((words) => ({ words, isShown: false })),
      ...lastWords.map((words) => ({ words, isShown: true })),
    ];
  }

  push(text: string): Released {
    const seen = this.held + text;
    const cut = this.firstCut(seen);
    if (cut !== undefined) {
      this.held = '';
      return { text: seen.slice(0, cut), stopped: true };
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

  /** Where the text ends, if it does. */
  private firstCut(seen: string): number | undefined {
    let best: { cut: number; start: number; end: number } | undefined;
    for (const { words, isShown } of this.endings) {
      const start = seen.indexOf(words);
      if (start < 0) continue;
      const end = start + words.length;
      if (best === undefined || end < best.end || (end === best.end && start < best.start)) {
        best = { cut: isShown ? end : start, start, end };
      }
    }
    return best?.cut;
  }

  /** Length of the longest end of `seen` that begins an ending. */
  private openLength(seen: string): number {
    let longest = 0;
    for (const { words } of this.endings) {
      for (let length = Math.min(words.length - 1, seen.length); length > longest; length -= 1) {
        if (seen.endsWith(words.slice(0, length))) longest = length;
      }
    }
    return longest;
  }
}
