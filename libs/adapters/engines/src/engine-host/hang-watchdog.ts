/** Checks that must find silence in a row; a pause of this process itself looks like one silent check. */
const PATIENCE = 10;
/** As many when the engine owes an answer to a cancel, which it looks for in every step. */
const PATIENCE_AFTER_CANCEL = 4;

/** Notices an engine that has work and gives no sign. */
export class HangWatchdog {
  private timer: NodeJS.Timeout | undefined;
  private silentChecks = 0;
  private patience = PATIENCE;

  constructor(
    /** Silence allowed; it is noticed at most a tenth later. */
    private readonly hangTimeoutMs: number,
    private readonly onHang: () => void,
  ) {}

  /** The engine has work from now on. */
  start(): void {
    if (this.timer !== undefined) return;
    this.sign();
    this.timer = setInterval(() => this.check(), this.hangTimeoutMs / PATIENCE);
    this.timer.unref();
  }

  /** The engine gave a sign. */
  sign(): void {
    this.silentChecks = 0;
    this.patience = PATIENCE;
  }

  /** The engine was asked to end an answer, so that a slot is free again: it owes a sign sooner. */
  hurry(): void {
    this.patience = PATIENCE_AFTER_CANCEL;
  }

  /** The engine has nothing to do. */
  stop(): void {
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private check(): void {
    this.silentChecks += 1;
    if (this.silentChecks <= this.patience) return;
    this.stop();
    this.onHang();
  }
}
