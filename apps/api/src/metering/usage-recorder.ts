import type { UsageRecord } from '@millrace/adapters/postgres';

/** How long rows are gathered before one statement writes them. */
const GATHER_MS = 20;
const RETRY_MS = 1_000;
const SETTLE_MS = 5_000;

export interface UsageRecorderOptions {
  /** Postgres; storing a row twice must be harmless. */
  store: (rows: readonly UsageRecord[]) => Promise<void>;
  /** Redis, for the time that Postgres is away. */
  buffer: {
    append(rows: readonly UsageRecord[]): Promise<void>;
    drainTo(store: (rows: UsageRecord[]) => Promise<void>): Promise<number>;
  };
  onError: (error: unknown, what: string) => void;
}

/**
 * Writes one usage row per job, in batches, off the request path. A row is settled when it is in Postgres or,
 * while Postgres is away, in the Redis stream; rows are unique by job, so each is counted once.
 */
export class UsageRecorder {
  private gathered: { row: UsageRecord; stored: () => void }[] = [];
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> = Promise.resolve();
  private readonly settler: NodeJS.Timeout;
  private closed = false;

  constructor(private readonly options: UsageRecorderOptions) {
    this.settler = setInterval(() => {
      this.settleBuffered().catch((error: unknown) => {
        options.onError(error, 'settle buffered usage');
      });
    }, SETTLE_MS);
  }

  /** Resolves when the row is safe. Never rejects: while both stores are away the row stays in memory and is retried. */
  record(row: UsageRecord): Promise<void> {
    return new Promise((resolve) => {
      this.gathered.push({ row, stored: resolve });
      this.timer ??= setTimeout(() => {
        this.write();
      }, GATHER_MS);
    });
  }

  /** Rows that are in the memory of this process alone. */
  get waiting(): number {
    return this.gathered.length;
  }

  /** Writes what is gathered and ends. */
  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.settler);
    this.write();
    await this.writing;
  }

  private write(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const batch = this.gathered;
    this.gathered = [];
    if (batch.length === 0) return;
    this.writing = this.writing.then(async () => {
      if (await this.isSafe(batch.map(({ row }) => row))) for (const { stored } of batch) stored();
      else this.tryAgainLater(batch);
    });
  }

  private async isSafe(rows: UsageRecord[]): Promise<boolean> {
    try {
      await this.options.store(rows);
      return true;
    } catch (error) {
      this.options.onError(error, 'store usage in Postgres; it goes to Redis for now');
    }
    try {
      await this.options.buffer.append(rows);
      return true;
    } catch (error) {
      this.options.onError(error, 'buffer usage in Redis; it stays in memory for now');
      return false;
    }
  }

  private tryAgainLater(batch: { row: UsageRecord; stored: () => void }[]): void {
    this.gathered.unshift(...batch);
    if (this.closed) return;
    this.timer ??= setTimeout(() => {
      this.write();
    }, RETRY_MS);
  }

  private async settleBuffered(): Promise<void> {
    await this.options.buffer.drainTo((rows) => this.options.store(rows));
  }
}
