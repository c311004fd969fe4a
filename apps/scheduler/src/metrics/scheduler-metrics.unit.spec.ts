import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Metrics } from '@millrace/platform/observability';
import { SchedulerMetrics } from './scheduler-metrics.js';

const PAGE = join(import.meta.dirname, '../../../../docs/operations.md');

const readings = { leads: () => true, connectedRunners: () => 2 };

describe('the metrics of a scheduler', () => {
  it('count passes by how they ended', async () => {
    const registry = new Metrics();
    const metrics = new SchedulerMetrics(registry);
    metrics.read(readings);
    await metrics.pass(() => Promise.resolve(true));
    await expect(metrics.pass(() => Promise.reject(new Error('Postgres is away')))).rejects.toThrow('away');
    const text = await registry.text();
    expect(text).toContain('millrace_scheduler_passes_total{outcome="failed"} 1\n');
    expect(text).toContain('millrace_scheduler_pass_seconds_count 1\n');
    expect(text).toContain('millrace_scheduler_leader 1\n');
  });

  it('tell by which share footprints were off, by what they rested on', async () => {
    const registry = new Metrics();
    const home = { replicaId: 'rep_a', runnerId: 'run_a', deviceKey: 'cpu', contextLength: 1, slots: 1 };
    const footprint = { artifact: 'a', engine: 'e', settings: '{}', deviceType: 'cpu' };
    const sizes = { reservedBytes: 120, predictedBytes: 97, measuredBytes: 100 };
    const metrics = new SchedulerMetrics(registry);
    metrics.measured({ ...home, footprint, ...sizes, basis: 'formula' });
    metrics.measured({ ...home, footprint, ...sizes, predictedBytes: 0 });
    const text = await registry.text();
    expect(text).toContain('millrace_footprint_error_ratio_bucket{le="-0.05",basis="formula"} 0\n');
    expect(text).toContain('millrace_footprint_error_ratio_bucket{le="-0.02",basis="formula"} 1\n');
    expect(text).toContain('millrace_footprint_error_ratio_count{basis="formula"} 1\n');
  });

  it('are all in docs/operations.md', async () => {
    const registry = new Metrics();
    new SchedulerMetrics(registry).read(readings);
    const page = await readFile(PAGE, 'utf8');
    const names = [...(await registry.text()).matchAll(/^# TYPE (millrace_\w+)/gm)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(5);
    for (const name of names) expect(page).toContain(`\`${String(name)}\``);
  });
});
