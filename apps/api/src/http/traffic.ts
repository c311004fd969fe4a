/** A request whose reply has ended. */
export interface EndedRequest {
  /** As the router names it, `:id` in place of ids; empty when it has none. */
  route: string;
  status: number;
}

/** The replies of this process that are on their way, probes aside. Owns their count, and whether new ones begin. */
export class Traffic {
  private open = 0;
  private refusing = false;
  private idleWaiters: (() => void)[] = [];

  constructor(private readonly onEnded: (request: EndedRequest) => void = () => undefined) {}

  /** New requests are refused: the process is stopping. */
  get isStopping(): boolean {
    return this.refusing;
  }

  stop(): void {
    this.refusing = true;
  }

  begin(): void {
    this.open += 1;
  }

  end(request: EndedRequest): void {
    this.open -= 1;
    this.onEnded(request);
    if (this.open === 0) for (const resolve of this.idleWaiters.splice(0)) resolve();
  }

  /** Resolves when no reply is on its way, or after `limitMs`. */
  async idle(limitMs: number): Promise<void> {
    if (this.open === 0) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, limitMs);
      this.idleWaiters.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }
}
