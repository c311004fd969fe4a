import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { identifyProcess, isAlive, type ProcessIdentity } from '@millrace/platform/process-identity';
import { StartError } from './start-error.js';
import type { Home } from './home.js';

/**
 * Makes this process the only one that uses the home; answers how to let go of it.
 * The lock of a process that was killed is taken over. Throws StartError that names the process in the way.
 */
export async function lockHome(home: Home): Promise<() => Promise<void>> {
  const own = `${home.lockFile}.${String(process.pid)}`;
  await writeFile(own, JSON.stringify(await identifyProcess(process.pid)), { mode: 0o600 });
  try {
    // A hard link appears whole or not at all.
    while (!(await linked(own, home.lockFile))) await removeStale(home);
  } finally {
    await rm(own, { force: true });
  }
  return () => rm(home.lockFile, { force: true });
}

async function linked(own: string, lockFile: string): Promise<boolean> {
  return link(own, lockFile).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return false;
      throw error;
    },
  );
}

/** Sets the lock aside before it is judged, so that the fresh lock of another start is never removed. */
async function removeStale(home: Home): Promise<void> {
  const holder = await readHolder(home.lockFile);
  if (holder !== undefined && (await isAlive(holder))) throw inUse(home, holder);
  const aside = `${home.lockFile}.stale.${String(process.pid)}`;
  await rename(home.lockFile, aside).catch(ignoreMissing);
  const moved = await readHolder(aside);
  if (moved !== undefined && (await isAlive(moved))) {
    await rename(aside, home.lockFile);
    throw inUse(home, moved);
  }
  await rm(aside, { force: true });
}

function inUse(home: Home, holder: ProcessIdentity): StartError {
  return new StartError(
    `MILLRACE_HOME (${home.folder}) is in use by process ${String(holder.pid)}: ` +
      'stop that millrace first, or set MILLRACE_HOME (and PORT) to run another beside it.',
  );
}

async function readHolder(path: string): Promise<ProcessIdentity | undefined> {
  const text = await readFile(path, 'utf8').catch(() => '');
  try {
    return JSON.parse(text) as ProcessIdentity;
  } catch {
    // Missing, or damaged by a crash of the machine: nobody holds it.
    return undefined;
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
