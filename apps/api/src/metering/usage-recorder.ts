import type { UsageRecord } from '@millrace/adapters/postgres';

/** How long rows are gathered before one statement writes them. */
const GATHER_MS = 20;
const RETRY_MS = 1_000;
const SETTLE_MS = 5_000;
/** How long a batch waits for Postgres; a frozen one answers nothing, and jobs stay open until their rows are safe. */
const PATIENCE_MS = 1_000;

export interface UsageRecorderOptions {
  /** Postgres; storing a row twice must be harmless. */
  store: (rows: readonly UsageRecord[]) => Promise<void>;
  /** Redis, for the time that Postgres is away. */
  buffer: {
    append(rows: readonly UsageRecord[]): Promise<void>;
    drainTo(store: (rows: UsageRecord[]) => Promise<void>): Promise<number>;
  };
  /** Hears of the requests whose rows are safe. */
  journal: { end(requestIds: readonly string[]): void };
  onError: (error: unknown, what: string) => void;
}

/**
 * Writes one usage row per request, in batches, off the request path; one batch at a time, so that a slow Postgres gets
 * fewer and larger ones. A row is safe when it is in Postgres or, while Postgres is away, in the Redis stream; rows are
 * unique by request, so each is counted once.
 */
export class UsageRecorder {
  private gathered: { row: UsageRecord; stored: () => void }[] = [];
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> | undefined;
  private settling = false;
  /** Then rows go to Redis at once, until it has taken some of those again. */
  private postgresIsAway = false;
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
      this.writeIn(GATHER_MS);
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
    clearTimeout(this.timer);
    await this.writing;
    await this.writeGathered();
  }

  private writeIn(delayMs: number): void {
    if (this.timer !== undefined || this.writing !== undefined || this.closed) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.writing = this.writeGathered().then((isSafe) => {
        this.writing = undefined;
        if (this.gathered.length > 0) this.writeIn(isSafe ? GATHER_MS : RETRY_MS);
      });
    }, delayMs);
  }

  /** Whether there is nothing left to try again. */
  private async writeGathered(): Promise<boolean> {
    const batch = this.gathered;
    this.gathered = [];
    if (batch.length === 0) return true;
    const rows = batch.map(({ row }) => row);
    if (!(await this.isSafe(rows))) {
      this.gathered.unshift(...batch);
      return false;
    }
    this.options.journal.end(rows.map(({ requestId }) => requestId));
    for (const { stored } of batch) stored();
    return true;
  }

  private async isSafe(rows: UsageRecord[]): Promise<boolean> {
    const { store, buffer, onError } = this.options;
    try {
      if (!this.postgresIsAway) {
        await inTime(store(rows));
        return true;
      }
    } catch (error) {
      this.postgresIsAway = true;
      onError(error, 'store usage in Postgres; it goes to Redis for now');
    }
    try {
      await buffer.append(rows);
      return true;
    } catch (error) {
      this.postgresIsAway = false;
      onError(error, 'buffer usage in Redis; it stays in memory for now');
      return false;
    }
  }

  private async settleBuffered(): Promise<void> {
    if (this.settling) return;
    this.settling = true;
    try {
      await this.options.buffer.drainTo((rows) => this.options.store(rows));
      this.postgresIsAway = false;
    } finally {
      this.settling = false;
    }
  }
}

/** Rejects when the work takes longer than a batch waits. It goes on then: what it stores late is stored already. */
async function inTime(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Error(`Postgres has not answered within ${String(PATIENCE_MS)} ms.`)),
      PATIENCE_MS,
    );
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
