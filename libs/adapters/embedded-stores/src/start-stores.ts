import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { startPostgres } from './start-postgres.js';
import { startRedis } from './start-redis.js';

/** Both stores for a test run, on data that is thrown away. */
export interface ThrowawayStores {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  /** With the runners' restricted user. */
  readonly runnerRedisUrl: string;
  /** May be called again. */
  stop(): Promise<void>;
}

/**
 * Starts both stores in `home`, as fast as they go and without durability.
 * @public tools/test.mjs starts the test run's stores with it.
 */
export async function startStores(options: { home: string; downloads?: string }): Promise<ThrowawayStores> {
  const { home, downloads = join(import.meta.dirname, '../../../../../node_modules/.cache/millrace') } = options;
  const ephemeral = true;
  const [postgres, redis] = await Promise.all([
    startPostgres({ folder: join(home, 'postgres'), password: newPassword(), ephemeral }),
    startRedis({
      folder: join(home, 'redis'),
      passwords: { main: newPassword(), runner: newPassword() },
      downloads,
      ephemeral,
    }),
  ]);
  return {
    databaseUrl: postgres.url,
    redisUrl: redis.url,
    runnerRedisUrl: redis.runnerUrl,
    stop: async () => {
      await Promise.all([postgres.stop(), redis.stop()]);
    },
  };
}

function newPassword(): string {
  return randomBytes(24).toString('base64url');
}
