import { randomBytes } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import { newSecret } from '@millrace/platform/ids';
import { z } from 'zod';
import { StartError } from './start-error.js';
import type { Home } from './home.js';

/** How each secret is made, at the first start of a version that has it. */
const makers = {
  pepper: newPassword,
  operatorKey: () => newSecret('operator'),
  apiKey: () => newSecret('inference'),
  agentKey: () => newSecret('agent'),
  joinToken: () => newSecret('join'),
  postgresPassword: newPassword,
  redisPassword: newPassword,
  runnerRedisPassword: newPassword,
};

/** Secrets of one installation, the same at every start. */
export type Secrets = Record<keyof typeof makers, string>;

const secret = z.string().min(20);
/** Files that an older version wrote lack what is newer. */
const secretsSchema = z.object({
  pepper: secret,
  operatorKey: secret,
  apiKey: secret,
  agentKey: secret.exactOptional(),
  joinToken: secret,
  postgresPassword: secret,
  redisPassword: secret,
  runnerRedisPassword: secret,
});

/** Reads the home's secrets and makes those that are not there yet. Throws StartError when their file is damaged. */
export async function ensureSecrets(home: Home): Promise<Secrets> {
  const known = await readSecrets(home);
  const names = Object.keys(makers) as (keyof Secrets)[];
  const secrets = Object.fromEntries(names.map((name) => [name, known[name] ?? makers[name]()])) as Secrets;
  if (names.some((name) => known[name] === undefined)) await writeSecrets(home, secrets);
  return secrets;
}

/** Secrets whose keys can be withdrawn while the installation goes on. */
export type KeyName = 'operatorKey' | 'apiKey' | 'agentKey';

/** Puts new secrets in the place of these, and writes them down. */
export async function renewSecrets(home: Home, secrets: Secrets, names: readonly KeyName[]): Promise<Secrets> {
  const renewed = { ...secrets, ...Object.fromEntries(names.map((name) => [name, makers[name]()])) };
  await writeSecrets(home, renewed);
  return renewed;
}

async function readSecrets(home: Home): Promise<Partial<Secrets>> {
  const text = await readFile(home.secretsFile, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return {};
  try {
    return secretsSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new StartError(
      `${home.secretsFile} is damaged: restore it from a backup, or move ${home.folder} away to begin anew.`,
      { cause: error },
    );
  }
}

/** On disk before anything is made with them, as data is worthless without the passwords it was made with. */
async function writeSecrets(home: Home, secrets: Secrets): Promise<void> {
  const fresh = `${home.secretsFile}.new`;
  const file = await open(fresh, 'w', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(secrets, null, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(fresh, home.secretsFile);
}

function newPassword(): string {
  return randomBytes(32).toString('base64url');
}
