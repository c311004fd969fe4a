/** Whether the reader of one answer keeps up with the engine. */
export class ReaderPace {
  private paused = false;
  private waiting: (() => void)[] = [];

  /** The engine is to generate no further token until `resume`. */
  get isPaused(): boolean {
    return this.paused;
  }

  pause(): void {
    this.paused = true;
  }

  resume(): void {
    this.paused = false;
    for (const wake of this.waiting.splice(0)) wake();
  }

  /** Resolves when the reader keeps up, also when nobody wants the rest any more. */
  async keptUp(): Promise<void> {
    if (this.paused) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }
}
