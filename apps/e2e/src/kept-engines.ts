import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** An engine process as it has written itself down. */
export interface KeptEngine {
  pid: number;
  replicaId: string;
  /** The process of the runner that it belongs to; absent while it waits for one. */
  runnerPid?: number;
}

/** The engines of all runners that keep theirs in this home. */
export async function enginesIn(home: string): Promise<KeptEngine[]> {
  const folder = join(home, 'engines');
  const names = (await readdir(folder)).filter((name) => name.endsWith('.json'));
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8').catch(() => undefined)));
  return texts.filter((text) => text !== undefined).map((text) => JSON.parse(text) as KeptEngine);
}

/** The engine of a runner that has one; undefined while it has none. */
export async function engineOf(home: string, runnerPid: number): Promise<KeptEngine | undefined> {
  return (await enginesIn(home)).find((engine) => engine.runnerPid === runnerPid);
}
