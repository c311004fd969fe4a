import { chmod, mkdir, open, rename, unlink, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { ClientError } from '../client-error.js';

const profileSchema = z.object({ url: z.string(), key: z.string() });
const fileSchema = z.object({
  /** Name of the profile that is taken where nothing else is said. */
  current: z.string().optional(),
  profiles: z.record(z.string(), profileSchema),
});

/** An address and the key for it. */
export type Profile = z.infer<typeof profileSchema>;
export type ProfileFile = z.infer<typeof fileSchema>;

const OTHERS_MAY = 0o077;

/** Where the profiles of this user lie. */
export function profilesPath(configHome: string | undefined): string {
  return join(configHome ?? join(homedir(), '.config'), 'millrace', 'profiles.json');
}

/** Empty where there is no file. Throws ClientError for one that others may read, as it holds keys. */
export async function readProfiles(path: string): Promise<ProfileFile> {
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw new ClientError(`${path} cannot be read (${error.code ?? 'unknown'}): look at its owner and mode.`);
  });
  if (file === undefined) return { profiles: {} };
  try {
    const { mode } = await file.stat();
    if ((mode & OTHERS_MAY) !== 0) {
      throw new ClientError(`${path} holds keys and others may read it: run chmod 600 ${path}`);
    }
    return parse(await file.readFile('utf8'), path);
  } finally {
    await file.close();
  }
}

/** Replaces the file whole, readable by this user only. */
export async function writeProfiles(path: string, content: ProfileFile): Promise<void> {
  const fresh = `${path}.${String(process.pid)}`;
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(fresh, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
    await chmod(fresh, 0o600);
    await rename(fresh, path);
  } catch (error) {
    await unlink(fresh).catch(() => 'it was not even begun');
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw new ClientError(`${path} cannot be written (${code}): set XDG_CONFIG_HOME to a folder of yours.`);
  }
}

/** Throws ClientError, naming those that there are, when there is none of that name. */
export function namedProfile({ profiles }: ProfileFile, name: string): Profile {
  const profile = Object.hasOwn(profiles, name) ? profiles[name] : undefined;
  if (profile !== undefined) return profile;
  const names = Object.keys(profiles);
  const known = names.length === 0 ? 'There are none yet' : `There are ${names.join(', ')}`;
  throw new ClientError(`There is no profile ${name}. ${known}: add it with ./millrace profiles add.`);
}

/** The profile that was chosen with `profiles use`. */
export function currentProfile(file: ProfileFile): Profile | undefined {
  return file.current === undefined ? undefined : namedProfile(file, file.current);
}

function parse(text: string, path: string): ProfileFile {
  try {
    return fileSchema.parse(JSON.parse(text));
  } catch {
    throw new ClientError(`${path} is damaged: mend it, or delete it and add the profiles again.`);
  }
}
