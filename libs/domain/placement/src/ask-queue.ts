import { byUrgency, type Ask } from './urgency.js';

/** The asks that are still to be answered, the most urgent first; one for each wish, the newest. */
export class AskQueue {
  private readonly newest = new Map<string, Ask>();
  private readonly waiting: Ask[];

  constructor(asks: readonly Ask[]) {
    for (const ask of asks) this.newest.set(ask.wish.deploymentId, ask);
    // The most urgent last, where it is cheap to take.
    this.waiting = [...asks].sort((a, b) => byUrgency(b, a));
  }

  next(): Ask | undefined {
    for (let ask = this.waiting.pop(); ask !== undefined; ask = this.waiting.pop()) {
      const { deploymentId } = ask.wish;
      if (this.newest.get(deploymentId) !== ask) continue;
      this.newest.delete(deploymentId);
      return ask;
    }
    return undefined;
  }

  /** Takes the place of what the wish asked for before. */
  put(ask: Ask): void {
    this.newest.set(ask.wish.deploymentId, ask);
    const after = this.waiting.findLastIndex((other) => byUrgency(ask, other) <= 0);
    this.waiting.splice(after + 1, 0, ask);
  }
}
