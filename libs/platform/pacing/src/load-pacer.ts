import { performance, type EventLoopUtilization } from 'node:perf_hooks';

/** How often the load is measured. */
const SAMPLE_MS = 100;

/**
 * Share of the time that the event loop was busy, and for how long pieces are gathered from there on. A piece costs the
 * same however small it is, so a process that is short of time gains most of it back, and a reader hardly sees 20 or 40 ms.
 */
const WINDOWS = [
  { fromLoad: 0.6, windowMs: 40 },
  { fromLoad: 0.2, windowMs: 20 },
] as const;

/** Lets work that may wait a little be done together. */
export interface Pacer {
  /** True while the process has time to spare: nothing should wait. */
  readonly idle: boolean;
  /** Runs the work at the end of the current window, together with all other work that waits for it. */
  later(work: () => void): void;
}

/** Paces by the load of this process's event loop. Owns the work that waits for the end of the window. */
export class LoadPacer implements Pacer {
  private windowMs = 0;
  private waiting: (() => void)[] = [];
  private window: NodeJS.Timeout | undefined;
  private readonly sampler: NodeJS.Timeout;
  private last: EventLoopUtilization;

  /** @param utilization as performance.eventLoopUtilization: of the time since the one that it is given */
  constructor(private readonly utilization = performance.eventLoopUtilization.bind(performance)) {
    this.last = this.utilization();
    this.sampler = setInterval(() => {
      this.sample();
    }, SAMPLE_MS);
    this.sampler.unref();
  }

  get idle(): boolean {
    return this.windowMs === 0;
  }

  later(work: () => void): void {
    this.waiting.push(work);
    this.window ??= setTimeout(() => {
      this.runAll();
    }, this.windowMs);
  }

  /** Work that still waits is done at once. */
  close(): void {
    clearInterval(this.sampler);
    this.runAll();
  }

  private sample(): void {
    const now = this.utilization();
    const { utilization: load } = this.utilization(now, this.last);
    this.last = now;
    this.windowMs = WINDOWS.find(({ fromLoad }) => load >= fromLoad)?.windowMs ?? 0;
  }

  private runAll(): void {
    clearTimeout(this.window);
    this.window = undefined;
    const works = this.waiting;
    this.waiting = [];
    for (const work of works) work();
  }
}
