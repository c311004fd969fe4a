/**
 * How many tokens of one attempt may be sent before its caller has read on. Owned by the attempt: it spends,
 * the owner of the job gives. What is out of credit stays in the engine, which then rests.
 */
export class SendCredit {
  private waiter: (() => void) | undefined;
  private left: number;

  /** @param tokens 0 for no bound */
  constructor(tokens: number) {
    this.left = tokens === 0 ? Infinity : tokens;
  }

  spend(tokens: number): void {
    this.left -= tokens;
  }

  give(tokens: number): void {
    this.left += tokens;
    if (this.left > 0) this.wake();
  }

  /** Nothing holds the attempt back any more: it is to end. */
  lift(): void {
    this.left = Infinity;
    this.wake();
  }

  /** Resolves when more may be sent; undefined when that is now. One waiter at a time. */
  used(): Promise<void> | undefined {
    if (this.left > 0) return undefined;
    return new Promise((resolve) => {
      this.waiter = resolve;
    });
  }

  private wake(): void {
    this.waiter?.();
    this.waiter = undefined;
  }
}
