import { Redis } from 'ioredis';
import type { Logger } from '@millrace/platform/observability';

const CONNECT_TIMEOUT_MS = 2_000;
/** A caller waits at most this long for a Redis that does not answer. */
const COMMAND_TIMEOUT_MS = 1_500;
const SLOWEST_RECONNECT_MS = 1_000;

/**
 * Connects to Redis for work on behalf of callers: while Redis is away every command fails at once.
 * Throws when Redis is away at the start; later it reconnects by itself, for ever.
 */
export async function connectRedis(url: string, logger: Logger): Promise<Redis> {
  return connect(new Redis(url, { ...reconnecting, commandTimeout: COMMAND_TIMEOUT_MS }), logger);
}

/** As connectRedis, for a connection that only subscribes. */
export async function connectSubscriber(url: string, logger: Logger): Promise<Redis> {
  return connect(new Redis(url, { ...reconnecting, autoResubscribe: false }), logger);
}

const reconnecting = {
  lazyConnect: true,
  enableOfflineQueue: false,
  maxRetriesPerRequest: 1,
  connectTimeout: CONNECT_TIMEOUT_MS,
  retryStrategy: (attempt: number) => Math.min(attempt * 100, SLOWEST_RECONNECT_MS),
};

async function connect(redis: Redis, logger: Logger): Promise<Redis> {
  logOutages(redis, logger);
  try {
    await redis.connect();
    return redis;
  } catch (error) {
    redis.disconnect();
    throw new Error('Redis is out of reach: check REDIS_URL and that the server runs.', { cause: error });
  }
}

/** One line when Redis goes and one when it is back, however often connecting fails in between. */
function logOutages(redis: Redis, logger: Logger): void {
  let away = false;
  redis.on('error', (error: Error) => {
    if (!away) logger.warn({ err: error }, 'redis is out of reach');
    away = true;
  });
  redis.on('ready', () => {
    if (away) logger.info('redis is back');
    away = false;
  });
}
