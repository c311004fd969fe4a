import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { choosePort } from './choose-port.js';
import { findRedis, libraryPath } from './find-redis.js';
import { redisConfig, type RedisPasswords } from './redis-config.js';
import { startServer } from './server-process.js';
import { awaitFormerServer, recordServer } from './server-record.js';
import type { RunningStore } from './running-store.js';

export interface RedisOptions {
  /** Data and configuration of the server; made when missing. */
  folder: string;
  /** Letters, digits, `-` and `_` only. */
  passwords: RedisPasswords;
  /** Where a fetched Redis is kept for the next start. */
  downloads: string;
  /** Left out: a free one. */
  port?: number;
  /** With no `port`: taken if it is free. */
  hopedPort?: number;
  /** For tests: keeps data in memory only and removes the folder at `stop`. */
  ephemeral?: boolean;
  onOutput?: (text: string) => void;
  onProgress?: (text: string) => void;
}

/** A Redis has a second address, for the runners' restricted user. */
export interface RunningRedis extends RunningStore {
  readonly runnerUrl: string;
}

/**
 * Starts a Redis (or Valkey) on 127.0.0.1 that ends with this process.
 * Throws StoreError when the machine has none, or it does not start.
 */
export async function startRedis(options: RedisOptions): Promise<RunningRedis> {
  const { folder, passwords, ephemeral = false } = options;
  const record = `${folder}.process`;
  await awaitFormerServer(record);
  const binary = await findRedis(options);
  const port = options.port ?? (await choosePort(options.hopedPort));
  const configuration = join(folder, 'redis.conf');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await rm(configuration, { force: true });
  await writeFile(configuration, redisConfig({ folder, port, passwords, ephemeral }), { mode: 0o600 });
  const server = await startServer({
    command: binary.program,
    arguments: [configuration],
    stopSignal: 'TERM',
    readyWhen: /Ready to accept connections/,
    cwd: folder,
    env: { LC_ALL: 'C', ...libraryPath(binary) },
    onOutput: options.onOutput,
  });
  await recordServer(record, server.pid);
  const stop = async () => {
    await server.stop();
    if (!ephemeral) return;
    for (const path of [folder, record]) await rm(path, { recursive: true, force: true });
  };
  return { ...server, stop, port, ...urls(port, passwords) };
}

function urls(port: number, passwords: RedisPasswords): { url: string; runnerUrl: string } {
  const place = `127.0.0.1:${String(port)}`;
  return {
    url: `redis://default:${passwords.main}@${place}`,
    runnerUrl: `redis://runner:${passwords.runner}@${place}`,
  };
}
