/**
 * Notices an engine that has work and gives no sign.
 * Two checks in a row must find silence: a pause of this process itself looks like one silent check.
 */
export class HangWatchdog {
  private timer: NodeJS.Timeout | undefined;
  private silentChecks = 0;

  constructor(
    /** Silence allowed; it is noticed after one to one and a half times as long. */
    private readonly hangTimeoutMs: number,
    private readonly onHang: () => void,
  ) {}

  /** The engine has work from now on. */
  start(): void {
    if (this.timer !== undefined) return;
    this.silentChecks = 0;
    this.timer = setInterval(() => this.check(), this.hangTimeoutMs / 2);
    this.timer.unref();
  }

  /** The engine gave a sign. */
  sign(): void {
    this.silentChecks = 0;
  }

  /** The engine has nothing to do. */
  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private check(): void {
    this.silentChecks += 1;
    if (this.silentChecks <= 2) return;
    this.stop();
    this.onHang();
  }
}
