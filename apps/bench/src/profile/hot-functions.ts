import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const SHOWN = 25;

/** The part of V8's format that is read here. */
interface Profile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[];
  samples: number[];
}

/** Of one process, the functions whose own code ran longest, one a line; its profile is there once it has ended. */
export async function hotFunctions(folder: string, pid: number): Promise<string[]> {
  const text = await readFile(join(folder, `${String(pid)}.cpuprofile`), 'utf8');
  return hottest(JSON.parse(text) as Profile);
}

/** Shares are of the time in which anything ran. */
function hottest({ nodes, samples }: Profile): string[] {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const counts = new Map<string, number>();
  for (const id of samples) {
    const name = names.get(id) ?? '';
    if (name !== '(idle)') counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  const sorted = [...counts].sort(([, one], [, other]) => other - one).slice(0, SHOWN);
  return sorted.map(([name, count]) => `${((100 * count) / total).toFixed(1).padStart(5)} %  ${name}`);
}

function nameOf({ functionName, url, lineNumber }: Profile['nodes'][number]['callFrame']): string {
  const name = functionName === '' ? '(anonymous)' : functionName;
  const place = url.split('/').slice(-3).join('/');
  return place === '' ? name : `${name} ${place}:${String(lineNumber + 1)}`;
}
