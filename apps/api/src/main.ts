import {
  AgentStore,
  CatalogueStore,
  connectPostgres,
  EventStore,
  FleetObserver,
  TenancyStore,
} from '@millrace/adapters/postgres';
import { DemandReports, watchDemand } from '@millrace/adapters/fleet';
import { readProcessSettings } from '@millrace/platform/config';
import { runProcess, type Lifecycle } from '@millrace/platform/lifecycle';
import { Metrics } from '@millrace/platform/observability';
import { EventFeed } from './admin/events/event-feed.js';
import type { Scheduling } from './admin/serving/fleet-dry-run.js';
import { RememberedAgents } from './agents/remembered-agents.js';
import { ApiModule } from './api.module.js';
import { ApiKeyAuthenticator } from './authentication/api-key-authenticator.js';
import { KeyLookups } from './authentication/key-lookups.js';
import { KeyUse } from './authentication/key-use.js';
import { startCompletions } from './completions/start-completions.js';
import { createApiServer } from './http/api-server.js';
import { Traffic } from './http/traffic.js';
import { ApiMetrics } from './metrics/api-metrics.js';
import { endUnservable } from './models/end-unservable.js';
import { ModelCatalogue } from './models/model-catalogue.js';
import { Servability } from './models/servability.js';
import { ChangeAnnouncer } from './stores/announce-changes.js';
import { connectRedis, connectSubscriber } from './stores/connect-redis.js';
import { followChanges } from './stores/follow-changes.js';
import { storeReadiness } from './stores/store-readiness.js';

type Settings = ReturnType<typeof readProcessSettings<'api'>>;

await runProcess('api', startApi);

/** Builds the process up from its stores to its HTTP server; stops run in the opposite order. */
async function startApi(lifecycle: Lifecycle): Promise<void> {
  const { logger } = lifecycle;
  const settings = readProcessSettings('api');
  const { dataSource, redis, subscriber } = await connectStores(settings, lifecycle);

  const tenancy = new TenancyStore(dataSource);
  const pepper = settings.MILLRACE_KEY_PEPPER;
  const use = new KeyUse(tenancy, (error, what) => logger.warn({ err: error }, `could not ${what}`));
  lifecycle.onStop(() => use.close());
  const authenticator = new ApiKeyAuthenticator({
    ...{ keys: new KeyLookups(tenancy), pepper, nowMs: Date.now, use, logger },
  });
  const agents = new RememberedAgents(new AgentStore(dataSource), { nowMs: Date.now, logger });
  const catalogue = new ModelCatalogue(new CatalogueStore(dataSource), logger);
  await catalogue.start();
  lifecycle.onStop(() => {
    catalogue.stop();
    return Promise.resolve();
  });
  await followChanges(subscriber, { authenticator, agents, catalogue }, logger);

  const registry = new Metrics();
  const metrics = new ApiMetrics(registry);
  const completionParts = { dataSource, redis, subscriber, pepper, metrics, logger };
  const completions = await startCompletions({ ...completionParts, ...completionSettings(settings) });
  lifecycle.onStop(() => completions.close());
  const servability = new Servability(new FleetObserver(dataSource), { nowMs: Date.now, logger });
  catalogue.onReload((models) => void endUnservable(models, completions.waitingCalls, servability));

  const traffic = new Traffic((request) => metrics.requestEnded(request));
  const stores = storeReadiness({ postgres: dataSource, redis });
  const readiness = async () => (traffic.isStopping ? ['it is stopping'] : stores());
  const metricsText = () => registry.text();
  const { completeChat, tellLimits, gatherQueues, directory: jobs } = completions;
  const events = new EventFeed(new EventStore(dataSource), logger);
  const administration = {
    ...{ dataSource, pepper, events, nowMs: Date.now },
    scheduling: hearOfDemand(settings, lifecycle),
    announcer: new ChangeAnnouncer(redis, { authenticator, agents, catalogue }, logger),
  };
  const calls = {
    administration,
    authenticator,
    agents,
    catalogue,
    servability,
    completeChat,
    tellLimits,
    gatherQueues,
    jobs,
  };
  const module = ApiModule.of({ ...calls, readiness, metricsText, logger });
  const server = await createApiServer(module, logger, traffic);
  const baseUrl = await server.listen(settings.MILLRACE_HOST, settings.PORT);
  lifecycle.onStop(() => server.stop(lifecycle.stopGraceMs, () => completions.cutShort()));
  // Whoever watches goes to another process at once.
  lifecycle.onStop(() => Promise.resolve(events.close()));
  await completions.announce();
  logger.info({ baseUrl }, 'serving');
  lifecycle.ready({ address: baseUrl });
}

/** Dry runs plan as schedulers do: by the same settings and by what API processes say that waits with them. */
function hearOfDemand(settings: Settings, lifecycle: Lifecycle): Scheduling {
  const reports = new DemandReports();
  const watch = watchDemand({
    redisUrl: settings.REDIS_URL,
    onReport: (report) => reports.hear(report),
    logger: lifecycle.logger,
  });
  lifecycle.onStop(() => Promise.resolve(watch.close()));
  const { MILLRACE_MIN_RESIDENCY_MS: minResidencyMs, MILLRACE_COLD_WAIT_MS: coldWaitMs } = settings;
  const policy = { minResidencyMs, coldWaitMs, drainMs: settings.MILLRACE_DRAIN_MS };
  return { demand: (fleet) => reports.current(fleet), policy };
}

function completionSettings(settings: Settings) {
  const address = settings.MILLRACE_TOKEN_STREAM_ADDRESS;
  return {
    tokenStream: { listen: settings.MILLRACE_TOKEN_STREAM_LISTEN, ...(address === undefined ? {} : { address }) },
    deadlines: {
      startDeadlineMs: settings.MILLRACE_START_DEADLINE_MS,
      firstTokenDeadlineMs: settings.MILLRACE_FIRST_TOKEN_DEADLINE_MS,
      interTokenDeadlineMs: settings.MILLRACE_INTER_TOKEN_DEADLINE_MS,
      totalDeadlineMs: settings.MILLRACE_TOTAL_DEADLINE_MS,
    },
    maxOpenJobs: settings.MILLRACE_MAX_OPEN_JOBS,
  };
}

async function connectStores(settings: Settings, lifecycle: Lifecycle) {
  const dataSource = await connectPostgres(settings.DATABASE_URL, { applicationName: 'millrace-api' }).catch(
    (error: unknown) => {
      throw new Error('Postgres is out of reach: check DATABASE_URL and that the server runs.', { cause: error });
    },
  );
  lifecycle.onStop(() => dataSource.destroy());
  const redis = await connectRedis(settings.REDIS_URL, lifecycle.logger);
  const subscriber = await connectSubscriber(settings.REDIS_URL, lifecycle.logger);
  lifecycle.onStop(() => {
    redis.disconnect();
    subscriber.disconnect();
    return Promise.resolve();
  });
  return { dataSource, redis, subscriber };
}
