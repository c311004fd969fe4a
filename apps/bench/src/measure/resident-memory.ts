import { readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';

const KIBIBYTE = 1_024;
const SAMPLES = 8;
const BETWEEN_SAMPLES_MS = 250;

/** Bytes of memory that a process holds: the median of two seconds. */
export async function residentBytes(pid: number): Promise<number> {
  const samples: number[] = [];
  for (let n = 0; n < SAMPLES; n += 1) {
    samples.push(await residentNow(pid));
    await wait(BETWEEN_SAMPLES_MS);
  }
  return samples.sort((one, other) => one - other)[SAMPLES / 2] ?? 0;
}

async function residentNow(pid: number): Promise<number> {
  const status = await readFile(`/proc/${String(pid)}/status`, 'utf8');
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  if (kibibytes === undefined) throw new Error(`The memory of process ${String(pid)} cannot be read.`);
  return Number(kibibytes) * KIBIBYTE;
}
