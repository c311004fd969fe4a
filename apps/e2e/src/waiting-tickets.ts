import { Redis } from 'ioredis';

/** Resolves when exactly this many tickets wait in all queues together. */
export async function ticketsWaiting(redisUrl: string, count: number): Promise<void> {
  const redis = new Redis(redisUrl);
  try {
    for (;;) {
      const queues = await redis.keys('mr:q:*:prioritized');
      const lengths = await Promise.all(queues.map((key) => redis.zcard(key)));
      if (lengths.reduce((sum, length) => sum + length, 0) === count) return;
    }
  } finally {
    redis.disconnect();
  }
}

/** Every key and value in Redis as text, whatever its type. */
export async function everythingInRedis(redisUrl: string): Promise<string> {
  const redis = new Redis(redisUrl);
  try {
    const parts: string[] = [];
    for (const key of await redis.keys('*')) parts.push(key, await valueText(redis, key));
    return parts.join('\n');
  } finally {
    redis.disconnect();
  }
}

async function valueText(redis: Redis, key: string): Promise<string> {
  const type = await redis.type(key);
  switch (type) {
    case 'string':
      return (await redis.get(key)) ?? '';
    case 'hash':
      return JSON.stringify(await redis.hgetall(key));
    case 'list':
      return JSON.stringify(await redis.lrange(key, 0, -1));
    case 'set':
      return JSON.stringify(await redis.smembers(key));
    case 'zset':
      return JSON.stringify(await redis.zrange(key, 0, '-1'));
    case 'stream':
      return JSON.stringify(await redis.xrange(key, '-', '+'));
    // The key has gone since it was listed.
    case 'none':
      return '';
    default:
      throw new Error(`a key of a type that this test cannot read: ${key} is a ${type}`);
  }
}
