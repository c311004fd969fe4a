import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Metrics } from '@millrace/platform/observability';
import { ApiMetrics } from './api-metrics.js';

const PAGE = join(import.meta.dirname, '../../../../docs/operations.md');

const readings = {
  openJobs: () => new Map([['waiting', 3]]),
  links: () => 2,
  usageRowsWaiting: { inMemory: () => 1, inRedis: () => Promise.reject(new Error('Redis is away')) },
};

describe('the metrics of an API process', () => {
  it('count a job when it ends, by model and outcome, and requests by class of status', async () => {
    const registry = new Metrics();
    const metrics = new ApiMetrics(registry);
    const usage = { promptTokens: 5, cachedTokens: 4, completionTokens: 7 };
    const end = { usage, attempts: 1, queueMs: 20, firstTokenMs: 100, totalMs: 1_500 };
    metrics.jobEnded('tiny', { ...end, outcome: { kind: 'completed', finishReason: 'stop' } });
    metrics.requestEnded({ route: '/v1/models/*', status: 404 });
    const text = await registry.text();
    expect(text).toContain('millrace_jobs_total{model="tiny",outcome="completed"} 1\n');
    expect(text).toContain('millrace_tokens_total{model="tiny",kind="completion"} 7\n');
    expect(text).toContain('millrace_job_queue_seconds_bucket{le="0.025",model="tiny"} 1\n');
    expect(text).toContain('millrace_job_seconds_sum{model="tiny"} 1.5\n');
    expect(text).toContain('millrace_requests_total{route="/v1/models/*",status="4xx"} 1\n');
  });

  it('read what is open when they are asked, also while Redis is away', async () => {
    const registry = new Metrics();
    new ApiMetrics(registry).read(readings);
    const text = await registry.text();
    expect(text).toContain('millrace_open_jobs{phase="waiting"} 3\n');
    expect(text).toContain('millrace_usage_rows_waiting{place="memory"} 1\n');
    expect(text).not.toContain('place="redis"');
  });

  it('are all in docs/operations.md', async () => {
    const registry = new Metrics();
    new ApiMetrics(registry).read(readings);
    const page = await readFile(PAGE, 'utf8');
    const names = [...(await registry.text()).matchAll(/^# TYPE (millrace_\w+)/gm)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(5);
    for (const name of names) expect(page).toContain(`\`${String(name)}\``);
  });
});
