import { chmod, mkdir, readFile, statfs, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { serveFilePath } from '@millrace/platform/config';
import { StartError } from './start-error.js';
import { isNewer } from './version-order.js';

/** Fresh stores, downloads aside: write-ahead log, data and rotated logs. */
const NEEDED_BYTES = 400 * 1024 * 1024;

/** Where everything of one installation lies. */
export interface Home {
  folder: string;
  postgres: string;
  redis: string;
  logs: string;
  artifacts: string;
  secretsFile: string;
  lockFile: string;
  devFile: string;
  /** What `./millrace serve` takes from this installation. */
  serveFile: string;
  /** Which ports the next start uses again. */
  portsFile: string;
  versionFile: string;
}

/** The paths of MILLRACE_HOME; nothing is made yet. */
export function homeAt(folder: string): Home {
  const home = resolve(folder);
  return {
    folder: home,
    postgres: join(home, 'postgres'),
    redis: join(home, 'redis'),
    logs: join(home, 'logs'),
    artifacts: join(home, 'artifacts'),
    secretsFile: join(home, 'secrets.json'),
    lockFile: join(home, 'lock.json'),
    devFile: join(home, 'dev.json'),
    serveFile: serveFilePath(home),
    portsFile: join(home, 'ports.json'),
    versionFile: join(home, 'version'),
  };
}

/** Makes the folders. Throws StartError when that is not possible or the disk is too small. */
export async function prepareHome(home: Home, neededBytes = NEEDED_BYTES): Promise<void> {
  try {
    for (const folder of [home.folder, home.logs, home.artifacts])
      await mkdir(folder, { recursive: true, mode: 0o700 });
    await chmod(home.logs, 0o700);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new StartError(
      `MILLRACE_HOME (${home.folder}) cannot be written (${code ?? 'unknown'}): choose another folder.`,
      {
        cause: error,
      },
    );
  }
  const { bavail, bsize } = await statfs(home.folder);
  if (bavail * bsize >= neededBytes) return;
  throw new StartError(
    `The disk of MILLRACE_HOME (${home.folder}) has ${megabytes(bavail * bsize)} MB free, and data and logs need ` +
      `${megabytes(neededBytes)} MB: make room, or set MILLRACE_HOME to a folder on a larger disk.`,
  );
}

/**
 * Writes which version uses the home from now on.
 * Throws StartError when a newer one has, because it may have changed the data.
 */
export async function claimVersion(home: Home, version: string): Promise<void> {
  const written = (await readFile(home.versionFile, 'utf8').catch(() => version)).trim();
  if (isNewer(written, version)) {
    throw new StartError(
      `MILLRACE_HOME (${home.folder}) was written by millrace ${written}, and this is ${version}: ` +
        'update this checkout, or set MILLRACE_HOME to another folder.',
    );
  }
  await writeFile(home.versionFile, `${version}\n`);
}

function megabytes(bytes: number): string {
  return String(Math.floor(bytes / (1024 * 1024)));
}
