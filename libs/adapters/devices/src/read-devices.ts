import { readFile } from 'node:fs/promises';
import { freemem, totalmem } from 'node:os';
import { cgroupFolders, cpuMemory } from './cpu-memory.js';
import type { CgroupTexts } from './cpu-memory.js';

/** One device as this machine reports it right now. */
export interface ObservedDevice {
  /** Unique on this machine and the same after a restart. */
  deviceKey: string;
  /** Devices of one type load a model into the same number of bytes. */
  deviceType: string;
  totalBytes: number;
  freeBytes: number;
}

/** File names of a cgroup's limit and usage, by version. */
const FILES = {
  1: { limit: 'memory.limit_in_bytes', usage: 'memory.usage_in_bytes' },
  2: { limit: 'memory.max', usage: 'memory.current' },
} as const;

/** The devices of this machine: its CPU with the memory that this process, in its container, may use. */
export async function readDevices(): Promise<ObservedDevice[]> {
  const { version, folders } = cgroupFolders(await text('/proc/self/cgroup'));
  const cgroups = await Promise.all(folders.map((folder) => readCgroup(folder, version)));
  const meminfo = await text('/proc/meminfo');
  const memory = cpuMemory({ meminfo, cgroups }, { totalBytes: totalmem(), freeBytes: freemem() });
  return [{ deviceKey: 'cpu', deviceType: 'cpu', ...memory }];
}

async function readCgroup(folder: string, version: 1 | 2): Promise<CgroupTexts> {
  const files = FILES[version];
  const [limit, usage, stat] = await Promise.all([
    text(`${folder}/${files.limit}`),
    text(`${folder}/${files.usage}`),
    text(`${folder}/memory.stat`),
  ]);
  return { limit, usage, stat };
}

/** Content of a file that other systems, and containers with fewer rights, do not have. */
async function text(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch(() => undefined);
}
