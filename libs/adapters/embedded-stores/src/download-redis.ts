import { mkdir, readdir, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { runCommand } from './run-command.js';
import { linuxFamily } from './system-packages.js';
import type { RedisBinary } from './find-redis.js';

const APT_LIMIT_MS = 90_000;

export type Download = { ok: true; binary: RedisBinary } | { ok: false; reason: string };

/**
 * Fetches Redis from the system's own package archive into `target` (about 1.3 MB) and unpacks it there. Nothing is
 * installed and no root is needed: apt works on lists and a cache of its own.
 */
export async function downloadRedis(target: string, onProgress?: (text: string) => void): Promise<Download> {
  if (!(await exists(target))) {
    const family = await linuxFamily();
    if (process.platform !== 'linux' || !family.includes('debian')) return { ok: false, reason: '' };
    onProgress?.('Fetching Redis from the package archive of this system (1.3 MB)');
    const failure = await fetchInto(target);
    if (failure !== undefined) return { ok: false, reason: `(Its download failed: ${failure})` };
  }
  return { ok: true, binary: await unpackedBinary(target) };
}

/** Answers why it failed. Two downloads at once are harmless: the first whole one stays. */
async function fetchInto(target: string): Promise<string | undefined> {
  const work = `${target}.${String(process.pid)}`;
  await rm(work, { recursive: true, force: true });
  await mkdir(join(work, 'lists/partial'), { recursive: true });
  await mkdir(join(work, 'archives/partial'), { recursive: true });
  try {
    return (await runApt(work)) ?? (await unpack(work)) ?? (await keep(join(work, 'root'), target));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function runApt(work: string): Promise<string | undefined> {
  const settings = [
    `Dir::State::Lists=${work}/lists`,
    `Dir::Cache=${work}`,
    'Debug::NoLocking=1',
    'APT::Sandbox::User=root',
    'Acquire::Retries=1',
    'Acquire::http::Timeout=15',
    'Acquire::https::Timeout=15',
    'Acquire::Languages=none',
    'Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false',
  ].flatMap((setting) => ['-o', setting]);
  const updated = await runCommand('apt-get', [...settings, 'update'], { timeoutMs: APT_LIMIT_MS });
  if (!updated.ok) return updated.reason;
  // `install --download-only` fetches what the server needs and this machine lacks.
  const order = ['install', '--download-only', '--no-install-recommends', '--yes', 'redis-tools'];
  const fetched = await runCommand('apt-get', [...settings, ...order], { timeoutMs: APT_LIMIT_MS });
  return fetched.ok ? undefined : fetched.reason;
}

async function unpack(work: string): Promise<string | undefined> {
  const packages = (await readdir(join(work, 'archives'))).filter((name) => name.endsWith('.deb'));
  for (const name of packages) {
    const unpacked = await runCommand('dpkg', ['-x', join(work, 'archives', name), join(work, 'root')]);
    if (!unpacked.ok) return unpacked.reason;
  }
  // redis-tools carries the server under the name of its checking tool; the name decides what it does.
  await symlink('redis-check-rdb', join(work, 'root/usr/bin/redis-server'));
  return undefined;
}

async function keep(unpacked: string, target: string): Promise<undefined> {
  await mkdir(dirname(target), { recursive: true });
  await rename(unpacked, target).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
  });
}

async function unpackedBinary(target: string): Promise<RedisBinary> {
  const libraries = join(target, 'usr/lib');
  const folders = await readdir(libraries, { withFileTypes: true }).catch(() => []);
  const ofArchitecture = folders.filter((entry) => entry.isDirectory() && entry.name.includes('-linux-'));
  return {
    program: join(target, 'usr/bin/redis-server'),
    libraries: ofArchitecture.map((entry) => join(libraries, entry.name)),
    origin: 'downloaded',
  };
}

async function exists(path: string): Promise<boolean> {
  return readdir(path).then(
    () => true,
    () => false,
  );
}
