import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { cpus, totalmem, availableParallelism, release } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Where and with what a run was measured. */
export interface Machine {
  processor: string;
  cores: number;
  memoryBytes: number;
  kernel: string;
  node: string;
}

export function describeMachine(): Machine {
  return {
    processor: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    kernel: release(),
    node: process.versions.node,
  };
}

/** The commit that is checked out, with `+changes` when files differ from it; left out outside of git. */
export async function commitOf(checkout: string): Promise<string | undefined> {
  const git = (words: string[]) => run('git', words, { cwd: checkout }).then(({ stdout }) => stdout.trim());
  try {
    const commit = await git(['rev-parse', '--short=12', 'HEAD']);
    return (await git(['status', '--porcelain', '--untracked-files=no'])) === '' ? commit : `${commit}+changes`;
  } catch {
    return undefined;
  }
}

export async function versionOf(checkout: string): Promise<string> {
  const { version } = JSON.parse(await readFile(join(checkout, 'package.json'), 'utf8')) as { version: string };
  return version;
}
