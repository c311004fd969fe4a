import type { Logger } from '@millrace/platform/observability';

const IDLE_MS = 250;
const AFTER_ERROR_MS = 1_000;
/** Passes of a large fleet take long: between them the process rests so many times as long. */
const REST_SHARE = 3;

/**
 * Runs passes one after the other: soon when poked, at once while something changes, else a few times a second; in a
 * large fleet as often as leaves most of the time to other work. Owns its timer.
 */
export class SchedulingLoop {
  private timer: NodeJS.Timeout | undefined;
  private running: Promise<void> = Promise.resolve();
  private isRunning = false;
  private poked = false;
  private restUntilMs = 0;
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

  /** Runs a pass as soon as the process has rested from the last one. Passes never overlap. */
  poke(): void {
    if (!this.started || this.stopped) return;
    this.poked = true;
    if (!this.isRunning) this.beginIn(this.restUntilMs - performance.now());
  }

  /** Resolves when no pass runs any more. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  private beginIn(waitMs: number): void {
    clearTimeout(this.timer);
    if (waitMs > 0) this.timer = setTimeout(() => this.beginIn(0), waitMs);
    else if (!this.isRunning) this.running = this.run();
  }

  private async run(): Promise<void> {
    this.isRunning = true;
    let idleMs = IDLE_MS;
    let restMs = 0;
    for (let again = true; again && !this.stopped;) {
      this.poked = false;
      const beganAtMs = performance.now();
      try {
        again = await this.pass();
        idleMs = IDLE_MS;
      } catch (error) {
        this.logger.warn({ err: error }, 'scheduling pass failed');
        again = false;
        idleMs = AFTER_ERROR_MS;
      }
      restMs = REST_SHARE * (performance.now() - beganAtMs);
    }
    this.isRunning = false;
    this.restUntilMs = performance.now() + restMs;
    if (!this.stopped) this.beginIn(Math.max(1, restMs, this.poked ? 0 : idleMs));
  }
}
