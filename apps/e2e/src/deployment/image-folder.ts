import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { CHECKOUT, plainEnvironment } from '../run-millrace.js';
import { buildCommands } from './image.js';

/** The work folder of an image, on this machine. */
export interface ImageFolder {
  path: string;
  /** Every file but those of packages. */
  files(): Promise<string[]>;
  remove(): Promise<void>;
}

/**
 * Does what the Dockerfile's build stage does, except that packages are not fetched: those that it would install are
 * linked from this checkout.
 */
export async function buildImageFolder(): Promise<ImageFolder> {
  const path = await mkdtemp(join(tmpdir(), 'millrace-image-'));
  for (const file of await filesOfContext()) await cp(join(CHECKOUT, file), join(path, file), { recursive: true });
  const commands = await buildCommands();
  const removed = commands.flatMap((command) => /&& rm -r node_modules\/(\S+)$/.exec(command)?.[1] ?? []);
  await linkPackages(path, removed);
  for (const command of commands.filter((each) => !each.startsWith('npm '))) await run(command, path);
  return { path, files: () => filesOf(path), remove: () => rm(path, { recursive: true, force: true }) };
}

/** .dockerignore refuses everything, then lets these in. */
async function filesOfContext(): Promise<string[]> {
  const text = await readFile(join(CHECKOUT, '.dockerignore'), 'utf8');
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  if (lines[0] !== '*') throw new Error('.dockerignore does not begin with *, as this test expects.');
  return lines.slice(1).map((line) => line.slice(1));
}

async function linkPackages(folder: string, removed: readonly string[]): Promise<void> {
  const lockFile = 'node_modules/.package-lock.json';
  const text = await readFile(join(CHECKOUT, lockFile), 'utf8');
  const { packages } = JSON.parse(text) as { packages: Record<string, { dev?: boolean }> };
  const wanted = Object.entries(packages)
    .filter(([path, { dev }]) => dev !== true && path.split('node_modules/').length === 2)
    .map(([path]) => path)
    .filter((path) => !removed.some((each) => path.startsWith(`node_modules/${each}`)));
  for (const path of wanted) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await symlink(join(CHECKOUT, path), join(folder, path));
  }
  await cp(join(CHECKOUT, lockFile), join(folder, lockFile));
}

async function run(command: string, cwd: string): Promise<void> {
  const child = spawn('sh', ['-c', command], { cwd, env: plainEnvironment(), stdio: 'inherit' });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`"${command}" of the Dockerfile ended with ${String(code)}.`);
}

async function filesOf(folder: string): Promise<string[]> {
  const top = await readdir(folder);
  const below = top.filter((name) => name !== 'node_modules');
  const entries = await Promise.all(
    below.map((name) => readdir(join(folder, name), { recursive: true }).catch(() => [] as string[])),
  );
  return [...top, ...below.flatMap((name, index) => (entries[index] ?? []).map((file) => join(name, file)))].sort();
}
