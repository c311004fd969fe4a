import type { ApiDirectory } from '@millrace/contracts/runner-protocol';
import { createLogger } from '@millrace/platform/observability';
import { Redis } from 'ioredis';
import { randomUUID } from 'node:crypto';
import { watchApiDirectory } from './api-directory.js';

const logger = createLogger('test', 'error');
const redisUrl = process.env['TEST_REDIS_URL'] ?? 'redis://127.0.0.1:6379';

/** Resolves with the first directory that the condition holds for. */
function watchFor(owner: string) {
  const seen: (string | undefined)[] = [];
  let waiting: (() => void) | undefined;
  const watch = watchApiDirectory({
    redisUrl,
    logger,
    onChange: ({ processes }: ApiDirectory) => {
      seen.push(processes.find((process) => process.owner === owner)?.address);
      waiting?.();
    },
  });
  const until = async (address: string | undefined): Promise<void> => {
    while (seen.length === 0 || seen.at(-1) !== address) await new Promise<void>((resolve) => (waiting = resolve));
  };
  return { watch, until };
}

describe('the directory of API processes', () => {
  it('has a process from its announcement until it leaves', async () => {
    const redis = new Redis(redisUrl);
    const owner = randomUUID();
    const { watch, until } = watchFor(owner);
    await until(undefined);
    await redis.set(`mr:presence:api:${owner}`, '127.0.0.1:4000', 'EX', 60);
    await redis.publish('mr:presence', owner);
    await until('127.0.0.1:4000');
    await redis.del(`mr:presence:api:${owner}`);
    await until(undefined);
    watch.close();
    redis.disconnect();
  });

  it('loses a process whose announcement ran out', async () => {
    const redis = new Redis(redisUrl);
    const owner = randomUUID();
    await redis.set(`mr:presence:api:${owner}`, '127.0.0.1:4001', 'PX', 500);
    const { watch, until } = watchFor(owner);
    await until('127.0.0.1:4001');
    await until(undefined);
    watch.close();
    redis.disconnect();
  });
});
