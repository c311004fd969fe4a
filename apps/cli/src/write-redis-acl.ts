import { writeFile } from 'node:fs/promises';
import { redisAcl, type RedisUser } from '@millrace/adapters/embedded-stores';
import { readProcessSettings } from '@millrace/platform/config';
import { ClientError } from './client/client-error.js';
import type { Terminal } from './client/terminal.js';

/**
 * Writes the users of REDIS_URL and MILLRACE_RUNNER_REDIS_URL as Redis reads them from its `aclfile`, to a file or to
 * standard output; passwords are in it as hashes only. Throws ClientError when the two addresses do not name two users.
 */
export async function writeRedisAcl(file: string | undefined, terminal: Terminal): Promise<void> {
  const { REDIS_URL, MILLRACE_RUNNER_REDIS_URL } = readProcessSettings('redis-acl');
  const main = userOf(REDIS_URL, 'REDIS_URL');
  const runner = userOf(MILLRACE_RUNNER_REDIS_URL, 'MILLRACE_RUNNER_REDIS_URL');
  if (runner.name === 'default' || runner.name === main.name) {
    throw new ClientError(
      `MILLRACE_RUNNER_REDIS_URL names the user "${runner.name}", who may do everything: ` +
        'give runners a user of their own, as in redis://runner:password@host:6379.',
    );
  }
  const text = `${redisAcl({ main, runner }).join('\n')}\n`;
  if (file === undefined) terminal.print(text);
  else await writeFile(file, text, { mode: 0o600 });
}

function userOf(url: string, setting: string): RedisUser {
  const { username, password } = new URL(url);
  if (password === '') throw new ClientError(`${setting} has no password: Redis asks every user for one.`);
  return { name: decodeURIComponent(username || 'default'), password: decodeURIComponent(password) };
}
