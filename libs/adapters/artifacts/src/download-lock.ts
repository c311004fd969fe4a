import { mkdir, open, rename, rm, stat, utimes } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const RENEW_MS = 2000;
/** A lock that was not renewed for this long belongs to a process that died. */
const STALE_MS = 15_000;
const POLL_MS = 200;

/** Runs `work` while no other process, on this machine or another that shares the folder, does so for the same path. */
export async function withDownloadLock<T>(path: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  const lock = `${path}.lock`;
  await mkdir(dirname(path), { recursive: true });
  while (!(await tryTake(lock))) {
    await removeStale(lock);
    await delay(POLL_MS, undefined, { signal });
  }
  const renewal = setInterval(() => void renew(lock), RENEW_MS);
  try {
    return await work();
  } finally {
    clearInterval(renewal);
    await rm(lock, { force: true });
  }
}

async function tryTake(lock: string): Promise<boolean> {
  try {
    const file = await open(lock, 'wx');
    await file.close();
    return true;
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false;
    throw error;
  }
}

async function renew(lock: string): Promise<void> {
  const now = new Date();
  // Removed by hand: the next process may start too, which wastes work but harms nothing.
  await utimes(lock, now, now).catch(() => undefined);
}

/** Moved away before it is removed, so that of two processes only one removes it. */
async function removeStale(lock: string): Promise<void> {
  try {
    const { mtimeMs } = await stat(lock);
    if (Date.now() - mtimeMs < STALE_MS) return;
    const away = `${lock}.${randomUUID()}`;
    await rename(lock, away);
    await rm(away, { force: true });
  } catch (error) {
    if (!isCode(error, 'ENOENT')) throw error;
  }
}

/** Whether an error of the file system has this code. */
export function isCode(error: unknown, code: 'EEXIST' | 'ENOENT' | 'ENOSPC'): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}
