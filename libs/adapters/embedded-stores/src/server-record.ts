import { readFile, rm, writeFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { identifyProcess, isAlive, type ProcessIdentity } from '@millrace/platform/process-identity';

const PATIENCE_MS = 8_000;
const POLL_MS = 20;

/** Notes in `file` which process serves a data folder. */
export async function recordServer(file: string, pid: number): Promise<void> {
  await writeFile(file, JSON.stringify(await identifyProcess(pid)), { mode: 0o600 });
}

/**
 * Waits until the server of a former start has ended, by force after 8 seconds: after a `kill -9` of its supervisor
 * it may still be writing its last data, and two servers on one folder destroy it.
 */
export async function awaitFormerServer(file: string): Promise<void> {
  const former = await readRecord(file);
  if (former === undefined) return;
  const deadlineMs = performance.now() + PATIENCE_MS;
  while ((await isAlive(former)) && performance.now() < deadlineMs) await delay(POLL_MS);
  if (await isAlive(former)) process.kill(former.pid, 'SIGKILL');
  while (await isAlive(former)) await delay(POLL_MS);
  await rm(file, { force: true });
}

async function readRecord(file: string): Promise<ProcessIdentity | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '');
  try {
    return JSON.parse(text) as ProcessIdentity;
  } catch {
    // No record, or one cut off by a crash before its server was used.
    return undefined;
  }
}
