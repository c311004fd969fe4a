import { join } from 'node:path';
import { downloadRedis } from './download-redis.js';
import { runCommand } from './run-command.js';
import { StoreError } from './store-error.js';
import { commandPath, installLine } from './system-packages.js';

/** Users in the configuration and what BullMQ asks for. */
const OLDEST = [6, 2] as const;

export interface RedisBinary {
  /** Path of the server program. */
  program: string;
  /** Folders of libraries that come with it; empty for one of the system. */
  libraries: string[];
  origin: 'system' | 'downloaded';
}

/**
 * The Redis to start: `redis-server` or `valkey-server` on PATH, else on Debian and Ubuntu their packages, unpacked
 * below `downloads` without being installed. Throws StoreError when there is none.
 */
export async function findRedis(options: {
  downloads: string;
  onProgress?: (text: string) => void;
}): Promise<RedisBinary> {
  for (const name of ['redis-server', 'valkey-server']) {
    const program = await commandPath(name);
    if (program === undefined) continue;
    const binary: RedisBinary = { program, libraries: [], origin: 'system' };
    if (await isRecent(binary)) return binary;
  }
  const downloaded = await downloadRedis(join(options.downloads, `redis-${process.arch}`), options.onProgress);
  if (downloaded.ok && (await isRecent(downloaded.binary))) return downloaded.binary;
  const why = downloaded.ok ? '' : ` ${downloaded.reason}`;
  throw new StoreError(
    `No Redis for ${process.platform}-${process.arch}: ` +
      `install it (${await installLine('redis')}), or set REDIS_URL to one that runs.${why}`,
  );
}

async function isRecent(binary: RedisBinary): Promise<boolean> {
  const env = libraryPath(binary);
  const answer = await runCommand(binary.program, ['--version'], { env, timeoutMs: 10_000 });
  const version = answer.ok ? /v=(\d+)\.(\d+)/.exec(answer.output) : null;
  if (version === null) return false;
  const [major, minor] = [Number(version[1]), Number(version[2])];
  return major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1]);
}

/** The environment a Redis of its own libraries needs. */
export function libraryPath(binary: RedisBinary): Record<string, string> {
  return binary.libraries.length === 0 ? {} : { LD_LIBRARY_PATH: binary.libraries.join(':') };
}
