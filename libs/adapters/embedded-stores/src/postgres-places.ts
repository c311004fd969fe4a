import { createHash } from 'node:crypto';
import { chmod, chown, lstat, mkdir, realpath, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { copyBinaries } from './embedded-postgres.js';
import { runCommand, type CommandUser } from './run-command.js';
import { canEnter, serverUser } from './server-user.js';
import { StoreError } from './store-error.js';
import type { PostgresBinaries } from './find-postgres.js';

/** Used by root alone, when the server's user may not pass through the folders above home or checkout. */
const REACHABLE_ROOT = '/var/lib/millrace';

/** Where a Postgres runs from and under whom. */
export interface PostgresPlaces {
  /** Belongs to the server's user, under the path by which that user reaches it. */
  folder: string;
  /** The cluster's data, inside `folder`; missing until it was initialised. */
  cluster: string;
  binFolder: string;
  user: CommandUser | undefined;
}

/**
 * Makes `folder` usable for the server's user. As an ordinary user nothing moves. As root, the folder belongs to the
 * server's user; below a folder that user may not enter it becomes a link into /var/lib/millrace, and so do binaries.
 */
export async function preparePlaces(folder: string, binaries: PostgresBinaries): Promise<PostgresPlaces> {
  const user = serverUser();
  await mkdir(dirname(folder), { recursive: true, mode: 0o700 });
  if (user === undefined) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return { folder, cluster: join(folder, 'data'), binFolder: binaries.folder, user };
  }
  const own = join(REACHABLE_ROOT, createHash('sha256').update(folder).digest('hex').slice(0, 16));
  const reachable = await reachableData({ folder, own, user });
  const binFolder = await reachableBinaries(binaries, own, user);
  return { folder: reachable, cluster: join(reachable, 'data'), binFolder, user };
}

async function reachableData(place: { folder: string; own: string; user: CommandUser }): Promise<string> {
  const { folder, own, user } = place;
  const linked = await linkTarget(folder);
  if (linked !== undefined) return linked;
  if (await exists(folder)) return folder;
  // Passing through the home shows nothing of it: its files are readable for their owner only.
  await chmod(dirname(folder), 0o711);
  if (await canEnter(dirname(folder), user)) {
    await makeOwned(folder, user);
    return folder;
  }
  return moveData(folder, own, user);
}

async function moveData(folder: string, own: string, user: CommandUser): Promise<string> {
  const moved = join(own, 'postgres');
  // Data of a home that was removed must not come back in a new one.
  await rm(moved, { recursive: true, force: true });
  await makeOwned(moved, user);
  // For a person who wonders whose data this is.
  await writeFile(join(own, 'home'), `${dirname(folder)}\n`);
  await symlink(moved, folder);
  return moved;
}

/** Where the link leads; a link into nothing is removed, as its data was. */
async function linkTarget(path: string): Promise<string | undefined> {
  const found = await lstat(path).catch(() => undefined);
  if (found?.isSymbolicLink() !== true) return undefined;
  const target = await realpath(path).catch(() => undefined);
  if (target === undefined) await rm(path);
  return target;
}

async function makeOwned(folder: string, user: CommandUser): Promise<void> {
  await mkdir(dirname(folder), { recursive: true, mode: 0o755 }).catch((error: unknown) => {
    throw new StoreError(`${dirname(folder)} cannot be made, and Postgres needs it: set DATABASE_URL instead.`, {
      cause: error,
    });
  });
  await mkdir(folder, { mode: 0o700 });
  await chown(folder, user.uid, user.gid);
}

async function reachableBinaries(binaries: PostgresBinaries, own: string, user: CommandUser): Promise<string> {
  const program = join(binaries.folder, 'postgres');
  const runs = await runCommand(program, ['--version'], { user, cwd: '/' });
  if (runs.ok) return binaries.folder;
  const { mtimeMs, size } = await stat(program);
  return copyBinaries(binaries.folder, join(own, `binaries-${String(size)}-${String(Math.trunc(mtimeMs))}`));
}

export async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    () => false,
  );
}
