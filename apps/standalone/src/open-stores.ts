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

async function openPostgres({ settings, home, secrets, parts, logs }: Installation): Promise<string> {
  if (settings.databaseUrl !== undefined) {
    await checkExternalPostgres(settings.databaseUrl);
    return settings.databaseUrl;
  }
  const onOutput = logs.writer('postgres');
  const launch = (former: RunningStore | undefined) =>
    startPostgres({ folder: home.postgres, password: secrets.postgresPassword, onOutput, ...samePort(former) });
  return (await parts.start('postgres', launch)).url;
}

async function openRedis(installation: Installation): Promise<{ redisUrl: string; runnerRedisUrl: string }> {
  const { settings, home, secrets, parts, logs, terminal, downloads } = installation;
  if (settings.redisUrl !== undefined) {
    await checkExternalRedis(settings.redisUrl);
    return { redisUrl: settings.redisUrl, runnerRedisUrl: settings.runnerRedisUrl ?? settings.redisUrl };
  }
  const passwords = { main: secrets.redisPassword, runner: secrets.runnerRedisPassword };
  const onOutput = logs.writer('redis');
  const onProgress = (text: string) => terminal.step(text);
  const launch = (former: RunningRedis | undefined) =>
    startRedis({ folder: home.redis, passwords, downloads, onOutput, onProgress, ...samePort(former) });
  const redis = await parts.start('redis', launch);
  return { redisUrl: redis.url, runnerRedisUrl: redis.runnerUrl };
}

/** The other processes know the address of the first start. */
function samePort(former: RunningStore | undefined): { port?: number } {
  return former === undefined ? {} : { port: former.port };
}
