import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Metrics } from '@millrace/platform/observability';
import { RunnerMetrics } from './runner-metrics.js';

const PAGE = join(import.meta.dirname, '../../../../docs/operations.md');

const readings = {
  replicas: () => new Map([['ready', 1]]),
  slots: () => ({ used: 3, free: 5 }),
  links: () => ({ up: 2, down: 0 }),
  isConnected: () => true,
};

describe('the metrics of a runner', () => {
  it('count takes, claims by answer, and attempts with their tokens when they end', async () => {
    const registry = new Metrics();
    const metrics = new RunnerMetrics(registry);
    metrics.took();
    metrics.claimed('assign');
    metrics.ended('stop', { completionTokens: 9 });
    metrics.ended('engine_crashed', undefined);
    metrics.started('adopted');
    metrics.read(readings);
    const text = await registry.text();
    expect(text).toContain('millrace_takes_total 1\n');
    expect(text).toContain('millrace_claims_total{answer="assign"} 1\n');
    expect(text).toContain('millrace_attempts_total{outcome="engine_crashed"} 1\n');
    expect(text).toContain('millrace_generated_tokens_total 9\n');
    expect(text).toContain('millrace_replica_starts_total{how="adopted"} 1\n');
    expect(text).toContain('millrace_slots{state="used"} 3\n');
  });

  it('are all in docs/operations.md', async () => {
    const registry = new Metrics();
    new RunnerMetrics(registry).read(readings);
    const page = await readFile(PAGE, 'utf8');
    const names = [...(await registry.text()).matchAll(/^# TYPE (millrace_\w+)/gm)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(5);
    for (const name of names) expect(page).toContain(`\`${String(name)}\``);
  });
});
