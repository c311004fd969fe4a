/** Counts the free slots of one replica. Owns the count; a ticket is taken only with a slot in hand. */
export class SlotGate {
  private waiter: (() => void) | undefined;
  private idleWaiters: (() => void)[] = [];
  private free: number;

  constructor(private readonly slots: number) {
    this.free = slots;
  }

  get running(): number {
    return this.slots - this.free;
  }

  /** Waits for a free slot and takes it. One caller at a time. */
  async acquire(): Promise<void> {
    if (this.free === 0) {
      await new Promise<void>((resolve) => {
        this.waiter = resolve;
      });
    }
    this.free -= 1;
  }

  /** Takes a slot if one is free. */
  tryAcquire(): boolean {
    if (this.free === 0 || this.waiter !== undefined) return false;
    this.free -= 1;
    return true;
  }

  release(): void {
    this.free += 1;
    this.waiter?.();
    this.waiter = undefined;
    if (this.free === this.slots) for (const resolve of this.idleWaiters.splice(0)) resolve();
  }

  /** Resolves when no slot is in use. */
  async idle(): Promise<void> {
    if (this.running === 0) return;
    await new Promise<void>((resolve) => {
      this.idleWaiters.push(resolve);
    });
  }
}
