import { hostname } from 'node:os';
import { join } from 'node:path';
import { FleetClient } from '@millrace/adapters/fleet';
import { createLlamaCppDriver, createSimulatedDriver, type EngineDriver } from '@millrace/adapters/engines';
import { readProcessSettings } from '@millrace/platform/config';
import { newBootId } from '@millrace/platform/ids';
import { runProcess, startHealth, type Lifecycle } from '@millrace/platform/lifecycle';
import { Metrics } from '@millrace/platform/observability';
import { LoadPacer } from '@millrace/platform/pacing';
import { FleetFollower } from './follow-fleet.js';
import { keepEngines } from './keep-engines.js';
import { RunnerMetrics } from './metrics/runner-metrics.js';
import { chooseDevices } from './observe-devices.js';
import { OwnerLinks } from './owner-links.js';
import { HostedReplicas } from './reconcile.js';
import { RedisProbe } from './redis-probe.js';
import { watchHealth } from './runner-health.js';
import { replicaReport, wholePercents } from './supervisor-reports.js';

await runProcess('runner', startRunner);

/** Joins the fleet, then follows what the scheduler wishes until the process is stopped. */
async function startRunner(lifecycle: Lifecycle): Promise<void> {
  const { logger } = lifecycle;
  const settings = readProcessSettings('runner');
  const metrics = new Metrics();
  const observer = new RunnerMetrics(metrics);
  const health = await startHealth(lifecycle, settings.MILLRACE_HEALTH_LISTEN, metrics);
  const labels = settings.MILLRACE_LABELS;
  const observeDevices = await chooseDevices(settings.MILLRACE_DEVICES_FILE, (problem) => {
    logger.warn({ problem }, 'the GPUs cannot be read');
  });
  const fleet = new FleetClient({ schedulerUrl: settings.MILLRACE_SCHEDULER_URL, logger });
  const identity = await fleet.join({
    joinToken: settings.MILLRACE_JOIN_TOKEN,
    runnerName: settings.MILLRACE_RUNNER_NAME ?? hostname(),
    labels,
  });
  const links = new OwnerLinks(
    identity.credential,
    (owner, reason) => logger.info({ owner, reason }, 'a link to an API process is down'),
    (owner) => logger.info({ owner }, 'the link to an API process is up again'),
  );
  const home = settings.MILLRACE_HOME ?? '.millrace';
  const { kept, ...keeping } = await keepEngines({ home, runnerId: identity.runnerId, logger });
  const drivers = engineDrivers();
  const artifacts = artifactSource(settings, lifecycle);
  const redisUrl = settings.REDIS_URL ?? identity.redisUrl;
  const pacer = new LoadPacer();
  const skippedOwners = new Map<string, number>();
  const replicaTools = { drivers, redisUrl, links, skippedOwners, pacer, artifacts, logger, observer, ...keeping };
  const replicas = new HostedReplicas(replicaTools, (assignment, observation) => {
    lifecycle.report(replicaReport(assignment, observation));
    follower.tellSoon();
  });
  const { credential } = identity;
  const follower = new FleetFollower({
    ...{ fleet, credential, labels, observeDevices, links, replicas, replicaTools },
    bootId: newBootId(),
    onRefused: lifecycle.fail,
  });
  const redis = new RedisProbe(redisUrl);
  lifecycle.onStop(async () => {
    health.readiness.stop();
    await replicas.stopAll(lifecycle.stopGraceMs);
    pacer.close();
    links.close();
    follower.close();
    redis.close();
  });
  replicas.adopt(kept);
  await follower.start();
  watchHealth({ follower, replicas, links, redis }, health, observer);
  logger.info({ runnerId: identity.runnerId }, 'following the fleet');
  lifecycle.ready({ healthAddress: health.healthAddress });
}

function artifactSource(settings: ReturnType<typeof readProcessSettings<'runner'>>, lifecycle: Lifecycle) {
  return {
    cacheFolder: settings.MILLRACE_CACHE ?? join(settings.MILLRACE_HOME ?? '.millrace', 'artifacts'),
    hubUrl: settings.MILLRACE_HUB_URL,
    ...(settings.MILLRACE_HUB_TOKEN !== undefined && { hubToken: settings.MILLRACE_HUB_TOKEN }),
    onProgress: wholePercents((percent, totalBytes) => {
      lifecycle.report({ type: 'download', percent, totalBytes });
    }),
  };
}

/** The engines this runner offers, by name. */
function engineDrivers(): Map<string, EngineDriver> {
  return new Map([createLlamaCppDriver(), createSimulatedDriver()].map((driver) => [driver.engine, driver]));
}
