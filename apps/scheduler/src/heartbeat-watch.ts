/** A gap this long means that this process, or its store, was away. */
const INTERRUPTION_MS = 5_000;

/** Since when heartbeats are watched without interruption, by the database's clock. */
export class HeartbeatWatch {
  private sinceMs: number | undefined;
  private lastMs = 0;

  /** Call with the instant of every observation. */
  since(nowMs: number): number {
    if (this.sinceMs === undefined || nowMs - this.lastMs > INTERRUPTION_MS) this.sinceMs = nowMs;
    this.lastMs = nowMs;
    return this.sinceMs;
  }

  /** After a take-over. */
  restart(): void {
    this.sinceMs = undefined;
  }
}
