import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';
import { checkExternalRedis } from './external-stores.js';
import { startRedis, type RedisOptions, type RunningRedis } from './start-redis.js';

const downloads = join(import.meta.dirname, '../../../../node_modules/.cache/millrace');
const PREFIX = 'mr:q';
let home: string;
let store: RunningRedis;

function options(more: Partial<RedisOptions> = {}): RedisOptions {
  const passwords = { main: 'main-password', runner: 'runner-password' };
  return { folder: join(home, 'redis'), passwords, downloads, ...more };
}

async function withClient<T>(url: string, work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url, { maxRetriesPerRequest: 1 });
  // Each test looks at the answers to its own commands.
  redis.on('error', () => undefined);
  try {
    return await work(redis);
  } finally {
    redis.disconnect();
  }
}

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'millrace-redis-'));
  store = await startRedis(options());
});
afterEach(async () => {
  await store.stop();
  await rm(home, { recursive: true, force: true });
});

describe('the embedded Redis', () => {
  it('keeps what was written over a restart, on the port it is given', async () => {
    await withClient(store.url, (redis) => redis.set('kept', '7'));
    await store.stop();
    const { port } = store;
    store = await startRedis(options({ port }));
    expect(store.port).toBe(port);
    expect(await withClient(store.url, (redis) => redis.get('kept'))).toBe('7');
  });

  it('takes the port that is hoped for, and another one when that is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const hopedPort = (server.address() as AddressInfo).port;
    await store.stop();
    store = await startRedis(options({ hopedPort }));
    expect(store.port).not.toBe(hopedPort);
    await store.stop();
    server.close();
    await once(server, 'close');
    store = await startRedis(options({ hopedPort }));
    expect(store.port).toBe(hopedPort);
  });

  it('evicts nothing and listens on this machine only', async () => {
    await withClient(store.url, async (redis) => {
      expect(await redis.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
      expect(await redis.config('GET', 'bind')).toEqual(['bind', '127.0.0.1']);
    });
  });

  it('refuses a caller without password', async () => {
    await withClient(`redis://127.0.0.1:${String(store.port)}`, (redis) =>
      expect(redis.get('kept')).rejects.toThrow(/NOAUTH/),
    );
  });

  it('holds no password in its configuration, which its owner alone may read', async () => {
    const file = join(home, 'redis', 'redis.conf');
    expect(await readFile(file, 'utf8')).not.toMatch(/-password/);
    expect((await stat(file)).mode & 0o077).toBe(0);
  });
});

describe("the runners' restricted user", () => {
  it('can be a BullMQ worker: take, retry, complete, and hear of new jobs', async () => {
    const main = { url: store.url, maxRetriesPerRequest: null };
    const queue = new Queue('tickets', { prefix: PREFIX, connection: main });
    const worker = new Worker('tickets', (job) => Promise.resolve(`${job.name} done`), {
      prefix: PREFIX,
      connection: { url: store.runnerUrl, maxRetriesPerRequest: null },
    });
    const failures: Error[] = [];
    worker.on('error', (error) => failures.push(error));
    await worker.waitUntilReady();
    const completed = new Promise<string>((resolve) => worker.on('completed', (_, result: string) => resolve(result)));
    await queue.add('ticket', {}, { priority: 1 });
    expect(await completed).toBe('ticket done');
    expect(failures).toEqual([]);
    await worker.close();
    await queue.close();
  });

  it('reads no other key, not even inside a script', async () => {
    await withClient(store.url, (redis) => redis.set('mr:presence:api:x', 'secret'));
    await withClient(store.runnerUrl, async (redis) => {
      await expect(redis.get('mr:presence:api:x')).rejects.toThrow(/NOPERM/);
      const script = "return redis.call('GET', 'mr:presence:api:x')";
      await expect(redis.eval(script, 0)).rejects.toThrow(/NOPERM|ACL|can't access/);
    });
  });

  it.each([
    ['CONFIG', 'GET', '*'],
    ['FLUSHALL'],
    ['FLUSHDB'],
    ['KEYS', '*'],
    ['SCAN', '0'],
    ['RANDOMKEY'],
    ['SELECT', '1'],
    ['ACL', 'LIST'],
    ['CLIENT', 'LIST'],
    ['MONITOR'],
    ['SHUTDOWN'],
    ['SCRIPT', 'FLUSH'],
    ['PUBLISH', 'mr:presence', 'x'],
    ['SUBSCRIBE', 'mr:presence'],
  ])('may not run %s', async (command, ...rest) => {
    await withClient(store.runnerUrl, (redis) => expect(redis.call(command, ...rest)).rejects.toThrow(/NOPERM/));
  });
});

describe('the Redis of REDIS_URL', () => {
  it('is accepted when it evicts nothing', async () => {
    await expect(checkExternalRedis(store.url)).resolves.toBeUndefined();
  });

  it('is refused when it evicts', async () => {
    await withClient(store.url, (redis) => redis.config('SET', 'maxmemory-policy', 'allkeys-lru'));
    await expect(checkExternalRedis(store.url)).rejects.toThrow(
      /has maxmemory-policy allkeys-lru, .* set it to noeviction/,
    );
  });

  it('is named without its password when it does not answer', async () => {
    const check = checkExternalRedis('redis://:secret@127.0.0.1:1');
    await expect(check).rejects.toThrow(/^REDIS_URL \(127\.0\.0\.1:1\) does not answer: .*ECONNREFUSED/);
    await expect(check).rejects.not.toThrow(/secret/);
  });
});
