import { Redis } from 'ioredis';
import pg from 'pg';
import { messageOf, StoreError } from './store-error.js';

const CONNECT_LIMIT_MS = 5_000;

/** Connects once to the Postgres of DATABASE_URL. Throws StoreError with the reason when it cannot be used. */
export async function checkExternalPostgres(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: CONNECT_LIMIT_MS });
  // A connection that breaks after the check is not this check's concern.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('SELECT 1');
  } catch (error) {
    throw new StoreError(
      `DATABASE_URL (${placeOf(databaseUrl)}) does not answer: ${reasonOf(error)}. Start that Postgres or correct the address.`,
      { cause: error },
    );
  } finally {
    await client.end();
  }
}

/**
 * Connects once to the Redis of REDIS_URL. Throws StoreError when it does not answer, or when it may evict keys:
 * an evicted key is a lost job.
 */
export async function checkExternalRedis(redisUrl: string): Promise<void> {
  const policy = await evictionPolicy(redisUrl);
  if (policy === 'noeviction') return;
  throw new StoreError(
    `REDIS_URL (${placeOf(redisUrl)}) has maxmemory-policy ${policy}, which loses jobs when its memory is full: ` +
      'set it to noeviction (redis-cli CONFIG SET maxmemory-policy noeviction).',
  );
}

async function evictionPolicy(redisUrl: string): Promise<string> {
  const redis = new Redis(redisUrl, {
    lazyConnect: true,
    connectTimeout: CONNECT_LIMIT_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  let reason: unknown;
  redis.on('error', (error) => (reason = error));
  try {
    await redis.connect();
    // INFO is allowed where a hosted Redis hides CONFIG.
    const memory = await redis.info('memory');
    return /^maxmemory_policy:(\S+)/m.exec(memory)?.[1] ?? 'unknown';
  } catch (error) {
    throw new StoreError(
      `REDIS_URL (${placeOf(redisUrl)}) does not answer: ${reasonOf(reason ?? error)}. Start that Redis or correct the address.`,
      { cause: error },
    );
  } finally {
    if (redis.status !== 'end') redis.disconnect();
  }
}

/** Host and port only: the rest of an address may hold a password. */
function placeOf(url: string): string {
  return new URL(url).host;
}

/** Node reports an address tried over IPv4 and IPv6 as an AggregateError without a message. */
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return messageOf(error.errors[0]);
  return messageOf(error);
}
