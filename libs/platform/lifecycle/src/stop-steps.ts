/** The steps of a graceful stop. Owned by the process that runs them. */
export class StopSteps {
  private readonly steps: (() => Promise<void>)[] = [];

  /** `onFailure` hears of a step that failed; the steps after it still run. */
  constructor(private readonly onFailure: (error: unknown) => void) {}

  add(step: () => Promise<void>): void {
    this.steps.push(step);
  }

  /** Runs the steps one by one, the last added first. */
  async run(): Promise<void> {
    for (let step = this.steps.pop(); step !== undefined; step = this.steps.pop()) {
      try {
        await step();
      } catch (error) {
        this.onFailure(error);
      }
    }
  }
}
