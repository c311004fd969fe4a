import { access, constants, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isAlive, type ProcessIdentity } from '@millrace/platform/process-identity';
import type { Finding } from './finding.js';

/** Whether the home, or the folder it will be made in, can be written, and who uses it. */
export async function checkHome(home: string): Promise<Finding> {
  const subject = 'home';
  const folder = await nearestFolder(home);
  try {
    await access(folder, constants.W_OK);
  } catch {
    // The reason is always the same: this user may not write there.
    return { subject, ok: false, text: `${home} cannot be written: set MILLRACE_HOME to another folder` };
  }
  const holder = await readHolder(home);
  const running = holder !== undefined && (await isAlive(holder));
  return { subject, ok: true, text: running ? `${home}, in use by process ${String(holder.pid)}` : home };
}

async function nearestFolder(path: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  return found !== undefined || path === dirname(path) ? path : nearestFolder(dirname(path));
}

async function readHolder(home: string): Promise<ProcessIdentity | undefined> {
  const text = await readFile(join(home, 'lock.json'), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as ProcessIdentity);
}
