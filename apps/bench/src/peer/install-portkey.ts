import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const GATEWAY = '@portkey-ai/gateway';
/** As installed without the overrides, every stream answers 500. */
const MANIFEST = {
  private: true,
  dependencies: { [GATEWAY]: '1.15.2' },
  overrides: { hono: '4.9.7', '@hono/node-server': '1.13.5' },
};

/** Installs the gateway into a cache folder of this checkout, where it is not there yet. Answers its program. */
export async function installPortkey(checkout: string): Promise<string> {
  const folder = join(checkout, 'node_modules', '.cache', 'millrace', 'peers', 'portkey');
  const installed = join(folder, 'node_modules', GATEWAY);
  if (!(await isInstalled(installed))) {
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'package.json'), JSON.stringify(MANIFEST));
    await npmInstall(folder);
  }
  return join(installed, 'build', 'start-server.js');
}

async function isInstalled(folder: string): Promise<boolean> {
  const text = await readFile(join(folder, 'package.json'), 'utf8').catch(() => '{}');
  return (JSON.parse(text) as { version?: string }).version === MANIFEST.dependencies[GATEWAY];
}

async function npmInstall(folder: string): Promise<void> {
  const words = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  const child = spawn('npm', words, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  let errors = '';
  child.stderr.on('data', (data: Buffer) => (errors += data.toString()));
  const [status] = (await once(child, 'close')) as [number | null];
  if (status !== 0) throw new Error(`${GATEWAY} could not be installed:\n${errors}`);
}
