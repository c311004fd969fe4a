import {
  checkExternalPostgres,
  checkExternalRedis,
  startPostgres,
  startRedis,
  type RunningRedis,
  type RunningStore,
} from '@millrace/adapters/embedded-stores';
import type { Installation } from './installation.js';

/** Addresses of both stores, whoever runs them. */
export interface Stores {
  databaseUrl: string;
  redisUrl: string;
  /** Redis as runners use it. */
  runnerRedisUrl: string;
}

/** Starts the embedded stores, or checks those the operator named, both at the same time. */
export async function openStores(installation: Installation): Promise<Stores> {
  const [databaseUrl, redis] = await Promise.all([openPostgres(installation), openRedis(installation)]);
  return { databaseUrl, ...redis };
}

async function openPostgres(installation: Installation): Promise<string> {
  const { settings, home, secrets, keptPorts, parts, logs } = installation;
  if (settings.databaseUrl !== undefined) {
    await checkExternalPostgres(settings.databaseUrl);
    return settings.databaseUrl;
  }
  const onOutput = logs.writer('postgres');
  const launch = (former: RunningStore | undefined) =>
    startPostgres({
      folder: home.postgres,
      password: secrets.postgresPassword,
      onOutput,
      ...portOf(former, keptPorts.postgres),
    });
  return (await parts.start('postgres', launch)).url;
}

async function openRedis(installation: Installation): Promise<{ redisUrl: string; runnerRedisUrl: string }> {
  const { settings, home, secrets, keptPorts, parts, logs, terminal, downloads } = installation;
  if (settings.redisUrl !== undefined) {
    await checkExternalRedis(settings.redisUrl);
    return { redisUrl: settings.redisUrl, runnerRedisUrl: settings.runnerRedisUrl ?? settings.redisUrl };
  }
  const passwords = { main: secrets.redisPassword, runner: secrets.runnerRedisPassword };
  const onOutput = logs.writer('redis');
  const onProgress = (text: string) => terminal.step(text);
  const launch = (former: RunningRedis | undefined) =>
    startRedis({
      folder: home.redis,
      passwords,
      downloads,
      onOutput,
      onProgress,
      ...portOf(former, keptPorts.redis),
    });
  const redis = await parts.start('redis', launch);
  return { redisUrl: redis.url, runnerRedisUrl: redis.runnerUrl };
}

/** The other processes know the address of the first start; those beside them hope for the one before. */
function portOf(former: RunningStore | undefined, kept: number | undefined): { port?: number; hopedPort?: number } {
  if (former !== undefined) return { port: former.port };
  return kept === undefined ? {} : { hopedPort: kept };
}
