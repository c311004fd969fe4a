import type { ReplicaReport } from '@millrace/platform/lifecycle';
import { StartError } from './start-error.js';
import type { Terminal } from './terminal.js';

const QUIET_MS = 5_000;

/** Follows the first replica until it answers or fails. */
export class ReplicaWatch {
  private settle: ((report: ReplicaReport) => void) | undefined;
  private readonly settled = new Promise<ReplicaReport>((resolve) => (this.settle = resolve));
  private toldAtMs = -Infinity;

  constructor(
    private readonly terminal: Terminal,
    private readonly modelName: string,
  ) {}

  readonly hear = (report: ReplicaReport): void => {
    if (report.state === 'ready' || report.state === 'failed') this.settle?.(report);
    if (report.state === 'loading') this.tellProgress(report.progress);
  };

  /** Resolves when a replica serves. Throws StartError with the engine's reason when it cannot be loaded. */
  async serving(): Promise<void> {
    const report = await this.settled;
    if (report.state === 'ready') return;
    throw new StartError(`The model ${this.modelName} could not be loaded: ${report.message}`);
  }

  private tellProgress(progress: number): void {
    const nowMs = performance.now();
    if (nowMs - this.toldAtMs < QUIET_MS) return;
    this.toldAtMs = nowMs;
    this.terminal.step(`Loading ${this.modelName} (${String(Math.round(progress * 100))} %)`);
  }
}
