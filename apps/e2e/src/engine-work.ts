import { readFile } from 'node:fs/promises';
import { engineOf } from './kept-engines.js';

/** A process that sleeps uses next to nothing; one answer's first step takes longer than this. */
const WORKING_NS = 200_000;

/** A runner and the engine of its only replica. */
export interface RunnerProcess {
  pid: number;
  enginePid: number;
}

/** The runners of this home as they are now, and how to find out which one works from here on. */
export async function watchRunners(
  home: string,
  pids: readonly number[],
): Promise<{ working(): Promise<RunnerProcess[]> }> {
  const before = await Promise.all(
    pids.map(async (pid) => {
      const { pid: enginePid = 0 } = (await engineOf(home, pid)) ?? {};
      return { pid, enginePid, usedNs: await usedCpuNs(enginePid) };
    }),
  );
  return {
    working: async () => {
      const nowNs = await Promise.all(before.map(({ enginePid }) => usedCpuNs(enginePid)));
      return before.filter(({ usedNs }, index) => (nowNs[index] ?? 0) - usedNs > WORKING_NS);
    },
  };
}

/** Time that the main thread of a process has run, on Linux. */
async function usedCpuNs(pid: number): Promise<number> {
  const text = await readFile(`/proc/${String(pid)}/schedstat`, 'utf8');
  return Number(text.split(' ')[0]);
}
