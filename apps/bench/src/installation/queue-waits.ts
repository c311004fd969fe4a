import { setTimeout as wait } from 'node:timers/promises';
import { connectPostgres } from '@millrace/adapters/postgres';
import type { Millrace } from './start-millrace.js';

/** Usage is written in batches, shortly after the answer. */
const LIMIT_MS = 10_000;
const RETRY_MS = 50;

/** How long requests waited in millrace's queue. */
export interface QueueWaits {
  p50: number;
  p99: number;
}

/**
 * Of the newest so many requests for a model, from usage: milliseconds from being accepted to their start, when a
 * replica claims them. Throws when usage knows of fewer.
 */
export async function queueWaits({ databaseUrl }: Millrace, model: string, requests: number): Promise<QueueWaits> {
  const dataSource = await connectPostgres(databaseUrl, { applicationName: 'millrace bench', poolSize: 1 });
  const deadlineMs = performance.now() + LIMIT_MS;
  try {
    for (;;) {
      const [row] = await dataSource.query<{ requests: string; p50: number; p99: number }[]>(
        `SELECT count(*) AS requests, percentile_cont(0.5) WITHIN GROUP (ORDER BY queue_ms) AS p50,
           percentile_cont(0.99) WITHIN GROUP (ORDER BY queue_ms) AS p99
         FROM (SELECT queue_ms FROM usage_records WHERE model = $1 ORDER BY finished_at DESC LIMIT $2) AS newest`,
        [model, requests],
      );
      if (row !== undefined && Number(row.requests) === requests) return { p50: row.p50, p99: row.p99 };
      if (performance.now() > deadlineMs) throw new Error(`Usage lacks some of the last ${String(requests)} requests.`);
      await wait(RETRY_MS);
    }
  } finally {
    await dataSource.destroy();
  }
}
