/**
 * Lets so many requests begin in one turn of the event loop; the others begin in the turns after it, in their order.
 * Between two turns the answers that run get their share, so a flood of requests holds up nobody's tokens, and the
 * first of a burst are served while its last are still being read.
 */
export class TurnLimit {
  private readonly waiting: (() => void)[] = [];
  private begun = 0;
  private turnIsDue = false;

  constructor(private readonly perTurn: number) {}

  /** Calls `begin` now, or in a later turn. */
  enter(begin: () => void): void {
    this.awaitTurn();
    if (this.begun === this.perTurn || this.waiting.length > 0) {
      this.waiting.push(begin);
      return;
    }
    this.begun += 1;
    begin();
  }

  private awaitTurn(): void {
    if (this.turnIsDue) return;
    this.turnIsDue = true;
    setImmediate(() => {
      this.turnIsDue = false;
      this.beginTurn();
    });
  }

  private beginTurn(): void {
    const next = this.waiting.splice(0, this.perTurn);
    this.begun = next.length;
    if (next.length > 0) this.awaitTurn();
    for (const begin of next) begin();
  }
}
