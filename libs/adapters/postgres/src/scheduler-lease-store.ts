import type { DataSource } from 'typeorm';

/** A scheduler's right to plan; `epoch` fences whatever it writes. */
export interface SchedulerTerm {
  epoch: number;
  holder: string;
}

/** Who plans, by the database's clock. */
export class SchedulerLeaseStore {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Begins a new term when the last one has ended. Raising the epoch waits for applies of the former term
   * that hold it, so nothing of that term is written after this returns.
   */
  async acquire(holder: string, ttlMs: number): Promise<SchedulerTerm | undefined> {
    const [rows] = await this.dataSource.query<[{ epoch: string }[], number]>(
      `UPDATE scheduler_lease
       SET epoch = epoch + 1, holder = $1, expires_at = clock_timestamp() + $2 * interval '1 millisecond'
       WHERE expires_at <= clock_timestamp()
       RETURNING epoch`,
      [holder, ttlMs],
    );
    return rows[0] && { epoch: Number(rows[0].epoch), holder };
  }

  /** False when the term has ended, by time or by a successor. */
  async renew(term: SchedulerTerm, ttlMs: number): Promise<boolean> {
    const [, renewed] = await this.dataSource.query<[unknown[], number]>(
      `UPDATE scheduler_lease SET expires_at = clock_timestamp() + $3 * interval '1 millisecond'
       WHERE epoch = $1 AND holder = $2 AND expires_at > clock_timestamp()`,
      [term.epoch, term.holder, ttlMs],
    );
    return renewed === 1;
  }

  /** Ends the term now, so that a successor need not wait. */
  async release(term: SchedulerTerm): Promise<void> {
    await this.dataSource.query(
      `UPDATE scheduler_lease SET expires_at = clock_timestamp() WHERE epoch = $1 AND holder = $2`,
      [term.epoch, term.holder],
    );
  }
}
