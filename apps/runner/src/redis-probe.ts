import { Redis } from 'ioredis';
import { checkInTime } from '@millrace/platform/observability';

const SLOWEST_RECONNECT_MS = 1_000;

/** Asks the Redis of the queues, on a connection of its own, whether it answers. */
export class RedisProbe {
  private readonly redis: Redis;

  constructor(redisUrl: string) {
    this.redis = new Redis(redisUrl, {
      enableOfflineQueue: false,
      maxRetriesPerRequest: 1,
      retryStrategy: (attempt) => Math.min(attempt * 100, SLOWEST_RECONNECT_MS),
    });
    // The probe says it, and so does the log of the takes.
    this.redis.on('error', () => undefined);
  }

  readonly check = async (): Promise<string | undefined> => (await checkInTime('redis', this.redis.ping())).problem;

  close(): void {
    this.redis.disconnect();
  }
}
