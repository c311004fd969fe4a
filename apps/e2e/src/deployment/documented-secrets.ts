import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CHECKOUT } from '../run-millrace.js';

/** What deploy/docker/new-env.sh prints, by name. */
export function newEnv(): Record<string, string> {
  const { stdout } = spawnSync('sh', ['deploy/docker/new-env.sh'], { cwd: CHECKOUT, encoding: 'utf8' });
  return Object.fromEntries(
    stdout
      .trim()
      .split('\n')
      .map((line) => line.split('=')),
  ) as Record<string, string>;
}

/** The secrets that `kubectl create secret` of docs/operating.md makes, with the variables of `env`. */
export async function documentedSecrets(
  env: Readonly<Record<string, string>>,
): Promise<Record<string, Record<string, string>>> {
  const page = await readFile(join(CHECKOUT, 'docs/operating.md'), 'utf8');
  const commands = page.replaceAll('\\\n', ' ').matchAll(/create secret generic (\S+) (.*)$/gm);
  return Object.fromEntries(
    [...commands].map(([, name = '', words = '']) => {
      const literals = words.matchAll(/--from-literal=(\w+)=("[^"]*"|\S+)/g);
      return [name, Object.fromEntries([...literals].map(([, key = '', value = '']) => [key, fillIn(value, env)]))];
    }),
  );
}

/** As a shell does. */
function fillIn(text: string, env: Readonly<Record<string, string>>): string {
  return text.replace(/^"|"$/g, '').replace(/\$(\w+)/g, (_, name: string) => env[name] ?? '');
}
