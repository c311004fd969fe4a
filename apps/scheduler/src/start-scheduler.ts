import { serveFleet, watchApiDirectory, watchDemand, type FleetServer } from '@millrace/adapters/fleet';
import { connectPostgres, RunnerStore } from '@millrace/adapters/postgres';
import { readProcessSettings } from '@millrace/platform/config';
import { startHealth, type Lifecycle } from '@millrace/platform/lifecycle';
import { checkInTime, Metrics } from '@millrace/platform/observability';
import { fleetAuthentication } from './fleet-authentication.js';
import { SchedulerMetrics } from './metrics/scheduler-metrics.js';
import { Scheduler, type RunnerLinks } from './scheduler.js';

/** Starts a scheduler process from its settings; each part ends in reverse order. */
export async function startScheduler(lifecycle: Lifecycle): Promise<void> {
  const settings = readProcessSettings('scheduler');
  const { logger } = lifecycle;
  const metrics = new Metrics();
  const { readiness, healthAddress } = await startHealth(lifecycle, settings.MILLRACE_HEALTH_LISTEN, metrics);

  const dataSource = await connectPostgres(settings.DATABASE_URL, { applicationName: 'millrace-scheduler' }).catch(
    (error: unknown) => {
      throw new Error('Postgres is out of reach: check DATABASE_URL and that the server runs.', { cause: error });
    },
  );
  lifecycle.onStop(() => dataSource.destroy());

  const links = new LateLinks();
  const policy = {
    minResidencyMs: settings.MILLRACE_MIN_RESIDENCY_MS,
    coldWaitMs: settings.MILLRACE_COLD_WAIT_MS,
    drainMs: settings.MILLRACE_DRAIN_MS,
  };
  const host = { logger, report: lifecycle.report, metrics: new SchedulerMetrics(metrics), policy };
  const scheduler = new Scheduler(dataSource, links, host);
  lifecycle.onStop(() => scheduler.stop());

  const server = await serveFleet({
    listen: settings.MILLRACE_FLEET_LISTEN,
    ...fleetAuthentication({
      runners: new RunnerStore(dataSource),
      pepper: settings.MILLRACE_KEY_PEPPER,
      runnerRedisUrl: settings.MILLRACE_RUNNER_REDIS_URL,
    }),
    handlers: scheduler.reports,
    logger,
  });
  lifecycle.onStop(() => server.close());
  links.server = server;

  const demand = watchDemand({
    redisUrl: settings.REDIS_URL,
    onReport: (report) => scheduler.demand.hear(report),
    logger,
  });
  lifecycle.onStop(() => Promise.resolve(demand.close()));
  const watch = watchApiDirectory({
    redisUrl: settings.REDIS_URL,
    onChange: (directory) => server.setApiDirectory(directory),
    logger,
  });
  lifecycle.onStop(() => Promise.resolve(watch.close()));

  await scheduler.start();
  readiness.require(async () => (await checkInTime('postgres', dataSource.query('SELECT 1'))).problem);
  readiness.serve();
  lifecycle.onStop(async () => readiness.stop());
  lifecycle.ready({ address: server.address, healthAddress });
}

/** The scheduler and the server need each other; until the server listens, nobody is connected. */
class LateLinks implements RunnerLinks {
  server: FleetServer | undefined;

  runnerIds(): string[] {
    return this.server?.runnerIds() ?? [];
  }

  sendAssignments(...wish: Parameters<RunnerLinks['sendAssignments']>): void {
    this.server?.sendAssignments(...wish);
  }

  revoke(runnerId: string): void {
    this.server?.revoke(runnerId);
  }

  sendEstimateFootprint(...message: Parameters<RunnerLinks['sendEstimateFootprint']>): boolean {
    return this.server?.sendEstimateFootprint(...message) ?? false;
  }
}
