import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { npmStart, type DevFacts } from './npm-start.js';

/** A millrace of one test file, in a home of its own. */
export interface RunningMillrace {
  readonly home: string;
  /** Reads dev.json afresh: pids change when a child is restarted. */
  devJson(): Promise<DevFacts>;
  /** Everything printed so far. */
  output(): string;
  /** Stops everything and removes the home. */
  stop(): Promise<void>;
}

/** Runs `npm start` and resolves when it says that it is ready. Throws with its output otherwise. */
export async function startMillrace(environment: Record<string, string> = {}): Promise<RunningMillrace> {
  const home = await mkdtemp(join(tmpdir(), 'millrace-e2e-'));
  const millrace = await npmStart({ home, environment }).catch(async (error: unknown) => {
    await rm(home, { recursive: true, force: true });
    throw error;
  });
  const stop = async (): Promise<void> => {
    millrace.signal('SIGTERM');
    await millrace.ended;
    await rm(home, { recursive: true, force: true });
  };
  return { home, devJson: () => millrace.dev(), output: () => millrace.output(), stop };
}
