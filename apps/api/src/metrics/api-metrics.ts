import type { LimitName } from '@millrace/domain/admission';
import type { Metrics } from '@millrace/platform/observability';
import type { EndedRequest } from '../http/traffic.js';
import type { JobEnd } from '../queueing/owned-job.js';

/** What is read from the rest of the process when Prometheus asks. */
export interface ApiReadings {
  /** Jobs that have not settled, by phase; those that have, until their usage is stored. */
  openJobs: () => ReadonlyMap<string, number>;
  /** To runners. */
  links: () => number;
  /** Usage rows that are not in Postgres yet. */
  usageRowsWaiting: { inMemory: () => number; inRedis: () => Promise<number> };
}

/** Why a request was not admitted: a limit's name, or what else was in the way. */
export type RejectionReason = LimitName | 'too_large' | 'queue_full' | 'out_of_reach';

/** The numbers of one API process. Jobs are counted when they end: nothing is counted per token. */
export class ApiMetrics {
  private readonly requests;
  private readonly rejected;
  private readonly adopted;
  private readonly jobs;
  private readonly queueSeconds;
  private readonly firstTokenSeconds;
  private readonly totalSeconds;
  private readonly tokens;

  constructor(private readonly metrics: Metrics) {
    this.requests = metrics.counter('millrace_requests_total', 'Requests by route and class of status.', [
      'route',
      'status',
    ]);
    this.rejected = metrics.counter('millrace_rejected_requests_total', 'Requests that admission refused, by reason.', [
      'reason',
    ]);
    const adopted = 'Requests of API processes that died, metered here, by how their tokens are known.';
    this.adopted = metrics.counter('millrace_adopted_requests_total', adopted, ['tokens']);
    this.jobs = metrics.counter('millrace_jobs_total', 'Jobs by how they ended.', ['model', 'outcome']);
    this.queueSeconds = metrics.seconds('millrace_job_queue_seconds', 'Time of jobs in the queue.', ['model']);
    this.firstTokenSeconds = metrics.seconds('millrace_job_first_token_seconds', 'Time to the first token.', ['model']);
    this.totalSeconds = metrics.seconds('millrace_job_seconds', 'Time from acceptance to the end.', ['model']);
    this.tokens = metrics.counter('millrace_tokens_total', 'Tokens of jobs that ended, as metered.', ['model', 'kind']);
  }

  requestEnded({ route, status }: EndedRequest): void {
    this.requests.inc({ route, status: `${String(Math.floor(status / 100))}xx` });
  }

  requestRejected(reason: RejectionReason): void {
    this.rejected.inc({ reason });
  }

  requestsAdopted({ reported, estimated }: { reported: number; estimated: number }): void {
    this.adopted.inc({ tokens: 'reported' }, reported);
    this.adopted.inc({ tokens: 'estimated' }, estimated);
  }

  jobEnded(model: string, { outcome, usage, queueMs, firstTokenMs, totalMs }: JobEnd): void {
    this.jobs.inc({ model, outcome: outcome.kind });
    this.queueSeconds.observe({ model }, queueMs / 1_000);
    if (firstTokenMs !== undefined) this.firstTokenSeconds.observe({ model }, firstTokenMs / 1_000);
    this.totalSeconds.observe({ model }, totalMs / 1_000);
    this.tokens.inc({ model, kind: 'prompt' }, usage.promptTokens);
    this.tokens.inc({ model, kind: 'cached' }, usage.cachedTokens);
    this.tokens.inc({ model, kind: 'completion' }, usage.completionTokens);
  }

  read({ openJobs, links, usageRowsWaiting }: ApiReadings): void {
    this.metrics.gauge({ name: 'millrace_open_jobs', help: 'Jobs by phase.', labelNames: ['phase'] }, () =>
      [...openJobs()].map(([phase, value]) => ({ labels: { phase }, value })),
    );
    this.metrics.gauge({ name: 'millrace_links', help: 'Links to runners.', labelNames: ['state'] }, () => [
      { labels: { state: 'up' }, value: links() },
    ]);
    const waiting = 'millrace_usage_rows_waiting';
    const help = 'Usage rows that are not in Postgres yet.';
    this.metrics.gauge({ name: waiting, help, labelNames: ['place'] }, async () => {
      const inMemory = { labels: { place: 'memory' as const }, value: usageRowsWaiting.inMemory() };
      // While Redis is away only this process' own rows are known.
      const inRedis = await usageRowsWaiting.inRedis().catch(() => undefined);
      return inRedis === undefined ? [inMemory] : [inMemory, { labels: { place: 'redis' as const }, value: inRedis }];
    });
  }
}
