/** Undoes a start, the last step first. Runs once, however often it is asked. */
export class ShutDown {
  private readonly steps: (() => Promise<void>)[] = [];
  private readonly forces: (() => void)[] = [];
  private running: Promise<void> | undefined;

  get begun(): boolean {
    return this.running !== undefined;
  }

  /** `force` does at once, without order, what `step` does with patience. */
  add(step: () => Promise<void>, force?: () => void): void {
    this.steps.push(step);
    if (force !== undefined) this.forces.push(force);
  }

  /** For someone who does not want to wait any longer. */
  force(): void {
    for (const force of this.forces) force();
  }

  run(): Promise<void> {
    this.running ??= this.undo();
    return this.running;
  }

  private async undo(): Promise<void> {
    for (let step = this.steps.pop(); step !== undefined; step = this.steps.pop()) await step();
  }
}
