/** Something that has a next step. */
export interface Steppable {
  /** When its next step is due, in ms of `performance.now()`; Infinity while it waits for something else. */
  readonly dueMs: number;
  /** Does every step that is due. */
  step(nowMs: number): void;
}

/** One timer for everything that runs, so that all steps due at a time are done in one turn. Owns the timer. */
export class StepLoop {
  private readonly running = new Set<Steppable>();
  private timer: NodeJS.Timeout | undefined;
  private wakeAtMs = Infinity;

  add(item: Steppable): void {
    this.running.add(item);
    this.wakeBy(item.dueMs);
  }

  remove(item: Steppable): void {
    this.running.delete(item);
  }

  /** Looks again no later than this: an item that waited is due. */
  wakeBy(dueMs: number): void {
    if (dueMs >= this.wakeAtMs) return;
    clearTimeout(this.timer);
    this.wakeAtMs = dueMs;
    this.timer = setTimeout(() => this.stepAll(), Math.ceil(dueMs - performance.now()));
  }

  private stepAll(): void {
    const nowMs = performance.now();
    this.wakeAtMs = Infinity;
    let nextMs = Infinity;
    for (const item of this.running) {
      if (item.dueMs <= nowMs) item.step(nowMs);
      if (item.dueMs < nextMs) nextMs = item.dueMs;
    }
    this.wakeBy(nextMs);
  }
}
