import { randomBytes } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import { newSecret } from '@millrace/platform/ids';
import { z } from 'zod';
import { StartError } from './start-error.js';
import type { Home } from './home.js';

const secret = z.string().min(20);
const secretsSchema = z.object({
  pepper: secret,
  operatorKey: secret,
  apiKey: secret,
  joinToken: secret,
  postgresPassword: secret,
  redisPassword: secret,
  runnerRedisPassword: secret,
});

/** Secrets of one installation, the same at every start. */
export type Secrets = z.infer<typeof secretsSchema>;

/** Reads the home's secrets, or makes them at the first start. Throws StartError when their file is damaged. */
export async function ensureSecrets(home: Home): Promise<Secrets> {
  const text = await readFile(home.secretsFile, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (text === undefined) return writeNew(home);
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
async function writeNew(home: Home): Promise<Secrets> {
  const secrets: Secrets = {
    pepper: newPassword(),
    operatorKey: newSecret('operator'),
    apiKey: newSecret('inference'),
    joinToken: newSecret('join'),
    postgresPassword: newPassword(),
    redisPassword: newPassword(),
    runnerRedisPassword: newPassword(),
  };
  const fresh = `${home.secretsFile}.new`;
  const file = await open(fresh, 'w', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(secrets, null, 2)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(fresh, home.secretsFile);
  return secrets;
}

function newPassword(): string {
  return randomBytes(32).toString('base64url');
}
