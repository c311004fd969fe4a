import { join } from 'node:path';
import { findKeptEngines, prepareEngineFolder, type KeepReplica, type KeptEngine } from '@millrace/adapters/engines';
import type { Logger } from '@millrace/platform/observability';
import { identifyProcess } from '@millrace/platform/process-identity';

/** How long an engine keeps its weights for the next process of its runner. */
const WAIT_MS = 60_000;

/** How the engines of this runner outlive its process. */
export type Keeping = Pick<KeepReplica, 'folder' | 'runnerId' | 'waitMs' | 'supervisor'>;

interface EngineHome {
  /** MILLRACE_HOME, or where it is by default. */
  home: string;
  runnerId: string;
  logger: Logger;
}

/** What a former process of this runner has left, and how to keep engines from now on: not at all without a folder. */
export async function keepEngines({ home, runnerId, logger }: EngineHome): Promise<{
  keeping?: Keeping;
  kept: readonly KeptEngine[];
}> {
  try {
    const folder = prepareEngineFolder(join(home, 'engines'));
    const kept = await findKeptEngines(folder, runnerId);
    const supervisor = process.send === undefined ? undefined : await identifyProcess(process.ppid);
    const keeping = { folder, runnerId, waitMs: WAIT_MS, ...(supervisor !== undefined && { supervisor }) };
    return { keeping, kept };
  } catch (error) {
    logger.warn({ err: error }, 'engines end with this runner, and its next process loads them again');
    return { kept: [] };
  }
}
