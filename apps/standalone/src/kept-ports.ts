import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { UpSettings } from './up-settings.js';
import { isPortFree } from './require-free-port.js';

const port = z.number().int().min(1).max(65_535).optional();
const portsSchema = z.object({ postgres: port, redis: port, fleet: port });

/** Ports of the last start: processes that were started beside it look for the stores and the scheduler there. */
export type KeptPorts = z.infer<typeof portsSchema>;

/** A file that is missing or damaged keeps none: every port can be chosen anew. */
export async function readKeptPorts(path: string): Promise<KeptPorts> {
  const text = await readFile(path, 'utf8').catch(() => '{}');
  try {
    return portsSchema.parse(JSON.parse(text));
  } catch {
    return {};
  }
}

/** What the next start in this home is to use again; a store that somebody else runs has no port here. */
export function portsToKeep(
  settings: Pick<UpSettings, 'databaseUrl' | 'redisUrl'>,
  { databaseUrl, redisUrl, schedulerUrl }: { databaseUrl: string; redisUrl: string; schedulerUrl: string },
): KeptPorts {
  return {
    ...(settings.databaseUrl === undefined && { postgres: Number(new URL(databaseUrl).port) }),
    ...(settings.redisUrl === undefined && { redis: Number(new URL(redisUrl).port) }),
    fleet: Number(schedulerUrl.slice(schedulerUrl.lastIndexOf(':') + 1)),
  };
}

/** host:port to listen on. A port that the setting leaves open becomes the kept one, if that is free. */
export async function listenAgain(listen: string, kept: number | undefined): Promise<string> {
  if (kept === undefined || !listen.endsWith(':0') || !(await isPortFree(kept))) return listen;
  return listen.replace(/0$/, String(kept));
}
