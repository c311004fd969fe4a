import { connectPostgres } from '@millrace/adapters/postgres';
import { Redis } from 'ioredis';
import type { Millrace } from './start-millrace.js';

export interface StoreVersions {
  postgres: string;
  redis: string;
}

/** What the stores say that they are. */
export async function storeVersions({ databaseUrl, redisUrl }: Millrace): Promise<StoreVersions> {
  const [postgres, redis] = await Promise.all([postgresVersion(databaseUrl), redisVersion(redisUrl)]);
  return { postgres, redis };
}

async function postgresVersion(databaseUrl: string): Promise<string> {
  const dataSource = await connectPostgres(databaseUrl, { applicationName: 'millrace bench', poolSize: 1 });
  try {
    const [row] = await dataSource.query<{ server_version: string }[]>('SHOW server_version');
    return row?.server_version ?? 'unknown';
  } finally {
    await dataSource.destroy();
  }
}

async function redisVersion(redisUrl: string): Promise<string> {
  const redis = new Redis(redisUrl);
  try {
    return /^redis_version:(.+?)\r?$/m.exec(await redis.info('server'))?.[1] ?? 'unknown';
  } finally {
    redis.disconnect();
  }
}
