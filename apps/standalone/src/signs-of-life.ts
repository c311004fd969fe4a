/** How often a process is asked for a sign of life. */
export const BEAT_MS = 5_000;
const MISSED_LIMIT = 3;
/** For how long a process gave no sign when it is given up, rounded down to whole beats. */
export const SILENCE_MS = MISSED_LIMIT * BEAT_MS;

/** Decides when a process counts as frozen. Owns the count of questions in a row that it left without an answer. */
export class SignsOfLife {
  private missed = 0;
  private answered = true;

  /** Times are milliseconds of a monotonic clock. */
  constructor(private beatAtMs: number) {}

  /** It answered, whichever question. */
  heard(): void {
    this.answered = true;
  }

  /** Call every BEAT_MS: says whether to ask it again, or that it is frozen. */
  beat(nowMs: number): 'ask' | 'frozen' {
    // A supervisor that stood still itself may not have read the answers yet, and blames nobody.
    const stoodStill = nowMs - this.beatAtMs > 2 * BEAT_MS;
    this.missed = this.answered || stoodStill ? 0 : this.missed + 1;
    this.beatAtMs = nowMs;
    this.answered = false;
    return this.missed < MISSED_LIMIT ? 'ask' : 'frozen';
  }
}
