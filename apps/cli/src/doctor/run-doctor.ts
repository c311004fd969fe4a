import { join } from 'node:path';
import { readOptionalSettings, readSettings } from '@millrace/platform/config';
import { checkDisk, checkMemory, checkNode, checkPlatform } from './check-machine.js';
import { checkHome } from './check-home.js';
import { checkPort, checkRegistry } from './check-network.js';
import { checkPostgres, checkRedis } from './check-stores.js';
import { lineOf } from './finding.js';

/** Prints one line for each thing `up` needs of this machine; exits non-zero when one is missing. */
export async function runDoctor(checkout: string): Promise<void> {
  const { PORT, MILLRACE_HOST } = readSettings(['PORT', 'MILLRACE_HOST']);
  const chosen = readOptionalSettings(['MILLRACE_HOME', 'DATABASE_URL', 'REDIS_URL']);
  const home = chosen.MILLRACE_HOME ?? join(checkout, '.millrace');
  const looked = await Promise.all([
    checkDisk(checkout),
    checkPostgres(chosen.DATABASE_URL, join(home, 'postgres', 'data')),
    checkRedis(chosen.REDIS_URL, join(checkout, 'node_modules', '.cache', 'millrace')),
    checkPort(PORT, MILLRACE_HOST),
    checkRegistry(checkout),
    checkHome(home),
  ]);
  const findings = [checkNode(), checkPlatform(), checkMemory(), ...looked];
  for (const finding of findings) process.stdout.write(`${lineOf(finding)}\n`);
  if (findings.some((finding) => !finding.ok)) process.exitCode = 1;
}
