import type { ModelReport, ReplicaReport } from '@millrace/platform/lifecycle';
import { StartError } from './start-error.js';
import type { Terminal } from './terminal.js';

/** Between two lines of progress. */
const QUIET_MS = 5_000;

/** Follows the first replica until it answers or cannot be had. */
export class ReplicaWatch {
  private settle: ((failure: string | undefined) => void) | undefined;
  private readonly settled = new Promise<string | undefined>((resolve) => (this.settle = resolve));
  private toldAtMs = -Infinity;

  constructor(
    private readonly terminal: Terminal,
    private readonly modelName: string,
  ) {}

  readonly hear = (report: ModelReport): void => {
    switch (report.type) {
      case 'unplaced':
        if (report.transient) this.tell(`Waiting for a place for ${this.modelName}: ${report.message}`);
        else this.settle?.(report.message);
        return;
      case 'download':
        this.tell(`Fetching ${this.modelName} (${String(report.percent)} % of ${megabytes(report.totalBytes)})`);
        return;
      case 'replica':
        this.hearReplica(report);
        return;
    }
  };

  /** Resolves when a replica serves. Throws StartError with the reason when the model cannot be placed or loaded. */
  async serving(): Promise<void> {
    const failure = await this.settled;
    if (failure === undefined) return;
    throw new StartError(`The model ${this.modelName} cannot be served: ${failure}`);
  }

  private hearReplica(report: ReplicaReport): void {
    if (report.state === 'ready') this.settle?.(undefined);
    else if (report.state === 'failed') this.settle?.(report.message);
    else if (report.state === 'loading') this.tell(`Loading ${this.modelName} (${percent(report.progress)})`);
  }

  private tell(text: string): void {
    const nowMs = performance.now();
    if (nowMs - this.toldAtMs < QUIET_MS) return;
    this.toldAtMs = nowMs;
    this.terminal.step(text);
  }
}

function megabytes(bytes: number): string {
  return `${String(Math.round(bytes / 1_000_000))} MB`;
}

function percent(progress: number): string {
  return `${String(Math.round(progress * 100))} %`;
}
