import type { Redis } from 'ioredis';
import type { Orphaned } from '@millrace/contracts/runner-protocol';
import type { LinkOut } from '../queueing/links-out.js';
import { reportsKey } from './journal-keys.js';
import { orphanReport } from './orphan-report.js';

/** An owner that is gone for so long has been metered. */
const KEPT_SECONDS = 86_400;

export interface OrphanReportsOptions {
  redis: Redis;
  nowMs: () => number;
  onError: (error: unknown, what: string) => void;
}

/** Keeps in Redis what runners tell of attempts whose owner they lost, for whoever adopts that owner's journal. */
export class OrphanReports {
  constructor(private readonly options: OrphanReportsOptions) {}

  /** Acknowledges once it is kept; a runner without an answer tells it again, here or elsewhere. */
  hear(link: LinkOut, orphaned: Orphaned): void {
    const { redis, onError } = this.options;
    // The connection tells its outages itself.
    if (redis.status !== 'ready') return;
    this.keep(orphaned).then(
      () => {
        const { jobId, attempt } = orphaned;
        link.send({ $case: 'acknowledge', value: { jobId, attempt } });
      },
      (error: unknown) => {
        onError(error, 'keep the report of a runner whose API process is gone; it is asked for again');
      },
    );
  }

  private async keep(orphaned: Orphaned): Promise<void> {
    const { redis, nowMs } = this.options;
    const key = reportsKey(orphaned.owner);
    const field = `${orphaned.jobId}-${String(orphaned.attempt)}`;
    const report = JSON.stringify(orphanReport(orphaned, nowMs()));
    const answers = await redis.multi().hset(key, field, report).expire(key, KEPT_SECONDS).exec();
    for (const [error] of answers ?? []) if (error) throw error;
  }
}
