import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 50;

/**
 * Runs `work` while holding `path` as a lock between processes; waits for the holder to finish.
 * The lock of a process that is gone is taken over.
 */
export async function withFileLock(path, work) {
  await mkdir(dirname(path), { recursive: true });
  while (!(await tryTake(path))) await delay(POLL_MS);
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

/** A hard link appears whole or not at all, so a lock always names its holder. */
async function tryTake(path) {
  const own = `${path}.${process.pid}`;
  await writeFile(own, String(process.pid));
  try {
    await link(own, path);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    if (await holderIsGone(path)) await rm(path, { force: true });
    return false;
  } finally {
    await rm(own, { force: true });
  }
}

async function holderIsGone(path) {
  const pid = await readFile(path, 'utf8').catch(() => undefined);
  if (pid === undefined) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (error) {
    return error.code === 'ESRCH';
  }
}
