import { statfs } from 'node:fs/promises';
import { availableParallelism, freemem, totalmem } from 'node:os';
import type { Finding } from './finding.js';

const GIBIBYTE = 1024 ** 3;
const NEEDED_DISK_BYTES = 1 * GIBIBYTE;
const NEEDED_MEMORY_BYTES = 1.5 * GIBIBYTE;

/** The entry script has refused older ones already; here for completeness of the picture. */
export function checkNode(): Finding {
  return { subject: 'node', ok: true, text: process.versions.node };
}

export function checkPlatform(): Finding {
  const ok = process.platform === 'linux' || process.platform === 'darwin';
  const found = `${process.platform}-${process.arch}, ${String(availableParallelism())} CPUs`;
  return { subject: 'platform', ok, text: ok ? found : `${found}: use Linux or macOS, a container or WSL` };
}

export async function checkDisk(folder: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(folder);
  const ok = bavail * bsize >= NEEDED_DISK_BYTES;
  const found = `${gibibytes(bavail * bsize)} GB free`;
  return { subject: 'disk', ok, text: ok ? found : `${found}: make room, a first start takes 1 GB` };
}

export function checkMemory(): Finding {
  const ok = totalmem() >= NEEDED_MEMORY_BYTES;
  const found = `${gibibytes(totalmem())} GB, ${gibibytes(freemem())} GB free`;
  return { subject: 'memory', ok, text: ok ? found : `${found}: everything on one machine takes 1.5 GB` };
}

function gibibytes(bytes: number): string {
  return (bytes / GIBIBYTE).toFixed(1);
}
