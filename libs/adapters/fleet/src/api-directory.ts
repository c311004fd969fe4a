import type { ApiDirectory } from '@millrace/contracts/runner-protocol';
import type { Logger } from '@millrace/platform/observability';
import { Redis } from 'ioredis';

const PRESENCE_PREFIX = 'mr:presence:api:';
const PRESENCE_CHANNEL = 'mr:presence';
const REFRESH_MS = 2_000;

export interface ApiDirectoryOptions {
  redisUrl: string;
  onChange: (directory: ApiDirectory) => void;
  logger: Logger;
}

export interface ApiDirectoryWatch {
  close(): void;
}

/**
 * Follows which API processes announce themselves in Redis.
 * While Redis is out of reach the last directory holds.
 */
export function watchApiDirectory(options: ApiDirectoryOptions): ApiDirectoryWatch {
  const commands = new Redis(options.redisUrl, { maxRetriesPerRequest: 1 });
  const subscriber = new Redis(options.redisUrl, { maxRetriesPerRequest: null });
  const watch = new DirectoryWatch(commands, options);
  for (const connection of [commands, subscriber]) {
    connection.on('error', (error: Error) => options.logger.debug({ error: error.message }, 'Redis is out of reach'));
  }
  subscriber.on('message', () => watch.refresh());
  subscriber.subscribe(PRESENCE_CHANNEL).catch((error: unknown) => {
    options.logger.warn({ err: error }, 'presence of API processes is polled only');
  });
  const timer = setInterval(() => watch.refresh(), REFRESH_MS);
  watch.refresh();
  return {
    close() {
      clearInterval(timer);
      watch.close();
      commands.disconnect();
      subscriber.disconnect();
    },
  };
}

/** Reads one at a time; owns the directory told last. */
class DirectoryWatch {
  private told: string | undefined;
  private reading = false;
  private again = false;
  private closed = false;

  constructor(
    private readonly redis: Redis,
    private readonly options: ApiDirectoryOptions,
  ) {}

  refresh(): void {
    if (this.reading) this.again = true;
    else void this.read();
  }

  close(): void {
    this.closed = true;
  }

  private async read(): Promise<void> {
    this.reading = true;
    try {
      this.tell(await readDirectory(this.redis));
    } catch (error) {
      if (!this.closed) this.options.logger.debug({ err: error }, 'presence of API processes was not read');
    }
    this.reading = false;
    if (this.again && !this.closed) {
      this.again = false;
      void this.read();
    }
  }

  private tell(directory: ApiDirectory): void {
    const text = JSON.stringify(directory);
    if (this.closed || text === this.told) return;
    this.told = text;
    this.options.onChange(directory);
  }
}

async function readDirectory(redis: Redis): Promise<ApiDirectory> {
  const keys = new Set<string>();
  let cursor = '0';
  do {
    const [next, found] = await redis.scan(cursor, 'MATCH', `${PRESENCE_PREFIX}*`, 'COUNT', 1_000);
    for (const key of found) keys.add(key);
    cursor = next;
  } while (cursor !== '0');
  const sorted = [...keys].sort();
  const addresses = sorted.length === 0 ? [] : await redis.mget(sorted);
  return {
    processes: sorted.flatMap((key, index) => {
      const address = addresses[index];
      return typeof address === 'string' ? [{ owner: key.slice(PRESENCE_PREFIX.length), address }] : [];
    }),
  };
}
