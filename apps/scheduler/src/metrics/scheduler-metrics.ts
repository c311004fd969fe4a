import { signedError } from '@millrace/domain/footprint';
import type { FleetSnapshot, Measurement, Plan } from '@millrace/domain/placement';
import type { Metrics } from '@millrace/platform/observability';

/** What is read from the rest of the process when Prometheus asks. */
export interface SchedulerReadings {
  leads: () => boolean;
  /** Runners whose stream ends in this process. */
  connectedRunners: () => number;
}

const HEALTHS = ['alive', 'suspect', 'lost'] as const;

/** The numbers of one scheduler process. Keeps what the newest pass has seen. */
export class SchedulerMetrics {
  private readonly passes;
  private readonly passSeconds;
  private readonly footprintErrors;
  private newest: { snapshot: Pick<FleetSnapshot, 'runners'>; plan: Plan } | undefined;

  constructor(private readonly metrics: Metrics) {
    this.passes = metrics.counter('millrace_scheduler_passes_total', 'Passes: observe, plan, apply.', ['outcome']);
    this.passSeconds = metrics.seconds('millrace_scheduler_pass_seconds', 'Time of a pass that succeeded.');
    this.footprintErrors = metrics.errors(
      'millrace_footprint_error_ratio',
      'By which share a predicted footprint was off what its replica measured; above 0: too much.',
      ['basis'],
    );
    metrics.gauge(
      { name: 'millrace_runners', help: 'Runners as the newest pass has seen them.', labelNames: ['health'] },
      () => HEALTHS.map((health) => ({ labels: { health }, value: this.runnersThatAre(health) })),
    );
    metrics.gauge({ name: 'millrace_unplaced_wishes', help: 'Deployments with fewer replicas than they need.' }, () => [
      { value: this.newest?.plan.unplaced.length ?? 0 },
    ]);
  }

  read({ leads, connectedRunners }: SchedulerReadings): void {
    this.metrics.gauge({ name: 'millrace_scheduler_leader', help: '1 in the process that leads, else 0.' }, () => [
      { value: leads() ? 1 : 0 },
    ]);
    this.metrics.gauge({ name: 'millrace_connected_runners', help: 'Runners connected to this process.' }, () => [
      { value: connectedRunners() },
    ]);
  }

  planned(snapshot: FleetSnapshot, plan: Plan): void {
    this.newest = { snapshot, plan };
  }

  /** A replica was loaded whose memory had been predicted. */
  measured({ basis, predictedBytes, measuredBytes }: Measurement): void {
    if (basis !== undefined) this.footprintErrors.observe({ basis }, signedError(predictedBytes, measuredBytes));
  }

  /** Runs a pass and counts it. */
  async pass<T>(run: () => Promise<T>): Promise<T> {
    const beganMs = performance.now();
    try {
      const result = await run();
      this.passSeconds.observe((performance.now() - beganMs) / 1_000);
      this.passes.inc({ outcome: 'done' });
      return result;
    } catch (error) {
      this.passes.inc({ outcome: 'failed' });
      throw error;
    }
  }

  private runnersThatAre(health: (typeof HEALTHS)[number]): number {
    return this.newest?.snapshot.runners.filter((runner) => runner.health === health).length ?? 0;
  }
}
