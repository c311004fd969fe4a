import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry, type MetricConfiguration } from 'prom-client';

export type { Counter, Histogram };

/** Of everything that callers may wait for, in seconds. */
const WAITING_SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 600];

const ERROR_RATIOS = [-0.5, -0.2, -0.1, -0.05, -0.02, -0.01, 0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1];

/** One value of a gauge and the labels it stands for. */
export type Reading<Label extends string> = { value: number } & Partial<Record<'labels', Record<Label, string>>>;

/**
 * The numbers of one process for Prometheus, with those of Node itself. Labels name routes, models, states and
 * outcomes: things there are few of, never tenants, jobs or secrets.
 */
export class Metrics {
  private readonly registry = new Registry();

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  /** Something that only grows; its name ends in `_total`. */
  counter<Label extends string>(name: string, help: string, labelNames: readonly Label[] = []): Counter<Label> {
    return new Counter(this.config(name, help, labelNames));
  }

  /** How long something took; its name ends in `_seconds`. */
  seconds<Label extends string>(name: string, help: string, labelNames: readonly Label[] = []): Histogram<Label> {
    return new Histogram({ ...this.config(name, help, labelNames), buckets: WAITING_SECONDS });
  }

  /** By which share something was off: +0.1 is a tenth too much, -0.1 too little; its name ends in `_ratio`. */
  errors<Label extends string>(name: string, help: string, labelNames: readonly Label[] = []): Histogram<Label> {
    return new Histogram({ ...this.config(name, help, labelNames), buckets: ERROR_RATIOS });
  }

  /** Something that is read when Prometheus asks; with labels, a reading that cannot be had is left out. */
  gauge<Label extends string>(
    gauge: { name: string; help: string; labelNames?: readonly Label[] },
    read: () => Reading<Label>[] | Promise<Reading<Label>[]>,
  ): void {
    const made: Gauge<Label> = new Gauge({
      ...this.config(gauge.name, gauge.help, gauge.labelNames ?? []),
      async collect() {
        made.reset();
        for (const { labels, value } of await Promise.resolve(read()).catch(() => [])) {
          if (labels === undefined) made.set(value);
          else made.set(labels as Record<string, string> as never, value);
        }
      },
    });
  }

  /** In Prometheus' text format. */
  text(): Promise<string> {
    return this.registry.metrics();
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  private config<Label extends string>(name: string, help: string, labelNames: readonly Label[]) {
    return { name, help, labelNames: [...labelNames], registers: [this.registry] } satisfies MetricConfiguration<Label>;
  }
}
