import { readFile } from 'node:fs/promises';

/** The process and everything it has started that still runs. */
export async function processTree(pid: number): Promise<number[]> {
  const children = await childrenOf(pid);
  const below = await Promise.all(children.map(processTree));
  return [pid, ...below.flat()];
}

export async function childrenOf(pid: number): Promise<number[]> {
  const id = String(pid);
  const text = await readFile(`/proc/${id}/task/${id}/children`, 'utf8').catch(() => '');
  return text.split(' ').filter(Boolean).map(Number);
}
