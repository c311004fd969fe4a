import { join } from 'node:path';
import { readOptionalSettings, readProcessSettings, serveFilePath, takeFromHome } from '@millrace/platform/config';
import { createLogger } from '@millrace/platform/observability';
import { runApp } from './run-app.js';

export const SERVED = ['api', 'scheduler', 'runner'] as const;

/**
 * Runs one process of an installation in this process. What the environment does not say comes from the millrace that
 * was started in the home on this machine, if there is one.
 */
export async function serveProcess(checkout: string, name: (typeof SERVED)[number]): Promise<void> {
  const { MILLRACE_HOME: home = join(checkout, '.millrace') } = readOptionalSettings(['MILLRACE_HOME']);
  const settings = await takeFromHome(home, name);
  if (settings.length > 0) createLogger(name, 'info').info({ from: serveFilePath(home), settings }, 'settings taken');
  else if (lacksSettings(name)) {
    process.stderr.write(`No millrace was found in ${home}: start it there, or set MILLRACE_HOME to its home.\n`);
  }
  await runApp(checkout, name);
}

/** The process itself says which one. */
function lacksSettings(name: (typeof SERVED)[number]): boolean {
  try {
    readProcessSettings(name);
    return false;
  } catch {
    return true;
  }
}
