import { readFile, realpath } from 'node:fs/promises';
import { runCommand } from './run-command.js';

/** The path of a program on PATH with links resolved, as its libraries are found from there. */
export async function commandPath(name: string): Promise<string | undefined> {
  const found = await runCommand('/bin/sh', ['-c', 'command -v "$1"', 'sh', name]);
  return found.ok ? realpath(found.output.trim()).catch(() => undefined) : undefined;
}

/** Words of ID and ID_LIKE in /etc/os-release: `debian`, `ubuntu`, `fedora`, `alpine`, …; empty elsewhere. */
export async function linuxFamily(): Promise<string[]> {
  const text = await readFile('/etc/os-release', 'utf8').catch(() => '');
  const values = [...text.matchAll(/^ID(?:_LIKE)?=(.*)$/gm)].map((match) => match[1] ?? '');
  return values.join(' ').replaceAll('"', '').split(' ').filter(Boolean);
}

const LINES = {
  debian: { postgres: 'sudo apt-get install -y postgresql', redis: 'sudo apt-get install -y redis-server' },
  fedora: { postgres: 'sudo dnf install -y postgresql-server', redis: 'sudo dnf install -y valkey' },
  arch: { postgres: 'sudo pacman -S postgresql', redis: 'sudo pacman -S valkey' },
  alpine: { postgres: 'sudo apk add postgresql', redis: 'sudo apk add redis' },
  suse: { postgres: 'sudo zypper install postgresql-server', redis: 'sudo zypper install redis' },
  darwin: { postgres: 'brew install postgresql@18', redis: 'brew install redis' },
} as const;

/** The one line that installs a store on this system. */
export async function installLine(store: 'postgres' | 'redis'): Promise<string> {
  if (process.platform === 'darwin') return LINES.darwin[store];
  const family = await linuxFamily();
  const known = (Object.keys(LINES) as (keyof typeof LINES)[]).find((name) => family.includes(name));
  return known === undefined ? `package ${store}` : LINES[known][store];
}
