import { lstatSync, mkdirSync, rmSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { isAlive } from '@millrace/platform/process-identity';
import { z } from 'zod';
import { HOST_PROTOCOL } from './host-protocol.js';
import { killIfThere } from './running-host.js';

/** The shorter of what Linux (107) and macOS (103) allow for the path of a socket. */
const SOCKET_PATH_BYTES = 103;
/** The longest name of a socket here: a pid of seven digits and its ending. */
const LONGEST_NAME = '/9999999.sock';

/** What an engine process writes down of itself, so that its runner's next process can find it. */
const recordSchema = z.object({
  protocol: z.int(),
  pid: z.int().positive(),
  startedAt: z.string(),
  /** Whoever connects has to know it. */
  token: z.string().min(32),
  /** The process that it belongs to; left out while it waits for one. */
  runnerPid: z.int().optional(),
  runnerId: z.string(),
  replicaId: z.string(),
  /** Term of the scheduler, and its generation, that wished for the replica. */
  epoch: z.number(),
  generation: z.number(),
  engine: z.string(),
  artifactPath: z.string(),
  /** In the runner's own form. */
  assignment: z.unknown(),
});

export type KeptRecord = z.infer<typeof recordSchema>;

/** An engine process that runs, with the folder that its file and its socket lie in. */
export type KeptEngine = KeptRecord & { folder: string };

type Place = Pick<KeptEngine, 'folder' | 'pid'>;

export function recordOf({ folder, pid }: Place): string {
  return join(folder, `${String(pid)}.json`);
}

export function socketOf({ folder, pid }: Place): string {
  return join(folder, `${String(pid)}.sock`);
}

/**
 * Makes the folder in which engine processes can be found, for this user only. Throws a sentence when it cannot be used.
 * Returns its absolute path.
 */
export function prepareEngineFolder(path: string): string {
  const folder = resolve(path);
  if (Buffer.byteLength(folder + LONGEST_NAME) > SOCKET_PATH_BYTES) {
    throw new Error(`The path of the folder ${folder} is too long for sockets: choose a shorter one.`);
  }
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { mode, uid } = lstatSync(folder);
  if (uid !== process.getuid?.() || (mode & 0o77) !== 0) {
    throw new Error(`The folder ${folder} has to belong to this user alone: remove it, or set its mode to 700.`);
  }
  return folder;
}

/**
 * The engine processes of this runner that still run. Takes away what is left of those that do not, and ends those that
 * speak another version of the protocol.
 */
export async function findKeptEngines(folder: string, runnerId: string): Promise<KeptEngine[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  const found = await Promise.all(names.map(async (name) => read(folder, name)));
  const own = found.filter((kept) => kept?.runnerId === runnerId) as KeptEngine[];
  const others = own.filter(({ protocol }) => protocol !== HOST_PROTOCOL);
  await Promise.all(others.map(endKeptEngine));
  return own.filter(({ protocol }) => protocol === HOST_PROTOCOL);
}

/** Ends the process, if it is still the one that was kept. */
export async function endKeptEngine(kept: KeptEngine): Promise<void> {
  if (await isAlive(kept)) killIfThere(kept.pid);
  forgetEngine(kept);
}

/** Takes away what an engine process has left in its folder. */
export function forgetEngine(place: Place): void {
  rmSync(recordOf(place), { force: true });
  rmSync(socketOf(place), { force: true });
}

/** Undefined when nobody can use it: it is no record, or its process is gone. */
async function read(folder: string, name: string): Promise<KeptEngine | undefined> {
  // A file that has just gone away reads as one without a record.
  const parsed = recordSchema.safeParse(parseJson(await readFile(join(folder, name), 'utf8').catch(() => '')));
  if (!parsed.success) return undefined;
  const kept = { ...parsed.data, folder };
  if (await isAlive(kept)) return kept;
  forgetEngine(kept);
  return undefined;
}

/** Undefined when the text is no JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
