import { readFile } from 'node:fs/promises';
import { processTree } from './process-tree.js';

/** Linux counts processor time in hundredths of a second, whatever the kernel's own tick. */
const TICK_MS = 10;

/** What a part of the installation is: processes, with or without those they have started. */
export interface Part {
  pid: number;
  withChildren: boolean;
}

/** Milliseconds of processor time, user and system, that each part has used since it began. */
export async function processorTimes(parts: Readonly<Record<string, Part>>): Promise<Record<string, number>> {
  const times = Object.entries(parts).map(async ([name, part]) => [name, await processorTimeMs(part)] as const);
  return Object.fromEntries(await Promise.all(times));
}

async function processorTimeMs({ pid, withChildren }: Part): Promise<number> {
  const pids = withChildren ? await processTree(pid) : [pid];
  const stats = await Promise.all(pids.map((one) => readFile(`/proc/${String(one)}/stat`, 'utf8').catch(() => '')));
  return stats.reduce((sum, stat) => sum + ticksOf(stat, withChildren), 0) * TICK_MS;
}

/** Fields 14 to 17 of /proc/PID/stat; those of ended children count where children do. */
export function ticksOf(stat: string, withEndedChildren: boolean): number {
  // The command's name, field 2, stands in brackets and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, withEndedChildren ? 15 : 13);
  return ticks.reduce((sum, field) => sum + Number(field), 0);
}
