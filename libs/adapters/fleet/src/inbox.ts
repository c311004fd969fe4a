/**
 * Handles events one after the other, in order. Owns what waits.
 * Of events with the same slot only the newest waits, so that a slow handler never works through old state.
 */
export class Inbox<Event> {
  private readonly waiting: { event: Event; slot?: string }[] = [];
  private busy = false;

  /** `handle` must not throw. */
  constructor(private readonly handle: (event: Event) => Promise<void>) {}

  put(event: Event): void {
    this.waiting.push({ event });
    void this.work();
  }

  putNewest(slot: string, event: Event): void {
    const older = this.waiting.find((entry) => entry.slot === slot);
    if (older === undefined) this.waiting.push({ event, slot });
    else older.event = event;
    void this.work();
  }

  private async work(): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift())
      await this.handle(next.event);
    this.busy = false;
  }
}
