import { setTimeout as delay } from 'node:timers/promises';
import { failuresInRow, restartDelayMs } from './restart-backoff.js';

/** A process that serves. */
export interface RunningPart {
  readonly pid: number;
  /** Resolves when it is gone, whoever ended it. */
  readonly exited: Promise<unknown>;
  /** Why it was killed, in a few words; undefined when it ended otherwise. */
  readonly killedBecause?: () => string | undefined;
  /** Ends it in order, by force after a few seconds, and waits for its end. */
  stop(): Promise<void>;
}

export interface PartEvents {
  /** It runs, at first or again. */
  onRunning(name: string, pid: number): void;
  /** It died, or did not start again; the next try follows after `delayMs`. */
  onDied(name: string, delayMs: number, reason: string): void;
}

/** Starts a process, after the `former` one died; gives up soon when `signal` is aborted. */
export type Launch<Running> = (former: Running | undefined, signal: AbortSignal) => Promise<Running>;

/** Keeps one process of the installation running until it is stopped. Sole owner of that process. */
export class SupervisedPart<Running extends RunningPart> {
  private running: Running | undefined;
  private failures = 0;
  private readonly stopping = new AbortController();

  constructor(
    private readonly name: string,
    private readonly launch: Launch<Running>,
    private readonly events: PartEvents,
  ) {}

  /** The first start; throws when it fails. From then on a death is answered by a new start. */
  async start(): Promise<Running> {
    const running = await this.launch(undefined, this.stopping.signal);
    if (this.stopping.signal.aborted) await running.stop();
    else void this.watch(running);
    return running;
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running?.stop();
  }

  private async watch(first: Running): Promise<void> {
    for (let current: Running | undefined = first; current !== undefined; current = await this.relaunch(current)) {
      const beganMs = performance.now();
      this.running = current;
      this.events.onRunning(this.name, current.pid);
      await current.exited;
      this.failures = failuresInRow(this.failures, performance.now() - beganMs);
    }
  }

  /** Tries until it runs again; undefined when it was stopped meanwhile. */
  private async relaunch(former: Running): Promise<Running | undefined> {
    for (let reason = former.killedBecause?.() ?? 'it ended'; !this.stopping.signal.aborted; this.failures += 1) {
      const delayMs = restartDelayMs(this.failures);
      this.events.onDied(this.name, delayMs, reason);
      await delay(delayMs, undefined, { signal: this.stopping.signal }).catch(() => undefined);
      if (this.stopping.signal.aborted) return undefined;
      try {
        const next = await this.launch(former, this.stopping.signal);
        if (!this.stopping.signal.aborted) return next;
        await next.stop();
      } catch (error) {
        reason = error instanceof Error ? error.message : String(error);
      }
    }
    return undefined;
  }
}
