import { join } from 'node:path';
import {
  readOptionalSettings,
  readProcessSettings,
  serveFilePath,
  takeFromHome,
  type ServeFile,
} from '@millrace/platform/config';
import { createLogger } from '@millrace/platform/observability';
import { runApp } from './run-app.js';

/**
 * Runs one process of an installation in this process. What the environment does not say comes from the millrace that
 * was started in the home on this machine, if there is one.
 */
export async function serveProcess(checkout: string, name: keyof ServeFile): Promise<void> {
  const { MILLRACE_HOME: home = join(checkout, '.millrace') } = readOptionalSettings(['MILLRACE_HOME']);
  const settings = await takeFromHome(home, name);
  if (settings.length > 0) createLogger(name, 'info').info({ from: serveFilePath(home), settings }, 'settings taken');
  else if (lacksSettings(name)) {
    process.stderr.write(`No millrace was found in ${home}: start it there, or set MILLRACE_HOME to its home.\n`);
  }
  await runApp(checkout, name);
}

/** The process itself says which one. */
function lacksSettings(name: keyof ServeFile): boolean {
  try {
    readProcessSettings(name);
    return false;
  } catch {
    return true;
  }
}
