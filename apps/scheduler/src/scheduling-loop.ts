import type { Logger } from '@millrace/platform/observability';

const IDLE_MS = 250;
const AFTER_ERROR_MS = 1_000;

/** Runs passes one after the other: at once when poked, else a few times a second. Owns its timer. */
export class SchedulingLoop {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> | undefined;
  private poked = false;
  private started = false;
  private stopped = false;

  /** `pass` is true when the next one should follow at once. */
  constructor(
    private readonly pass: () => Promise<boolean>,
    private readonly logger: Logger,
  ) {}

  start(): void {
    this.started = true;
    this.poke();
  }

  /** Runs a pass now, or right after the one that runs. Passes never overlap. */
  poke(): void {
    if (!this.started || this.stopped) return;
    this.poked = true;
    if (this.running !== undefined) return;
    clearTimeout(this.timer);
    this.running = this.run();
  }

  /** Resolves when no pass runs any more. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private async run(): Promise<void> {
    let waitMs = IDLE_MS;
    while (this.poked && !this.stopped) {
      this.poked = false;
      try {
        if (await this.pass()) this.poked = true;
        waitMs = IDLE_MS;
      } catch (error) {
        this.logger.warn({ err: error }, 'scheduling pass failed');
        this.poked = false;
        waitMs = AFTER_ERROR_MS;
      }
    }
    this.running = undefined;
    if (!this.stopped) this.timer = setTimeout(() => this.poke(), waitMs);
  }
}
