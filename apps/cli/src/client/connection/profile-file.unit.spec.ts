import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { currentProfile, namedProfile, profilesPath, readProfiles, writeProfiles } from './profile-file.js';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-profiles-'));
  path = profilesPath(folder);
});
afterEach(() => rm(folder, { recursive: true }));

const production = { url: 'https://millrace.example.com', key: 'mr-operator-x' };
const content = { current: 'production', profiles: { production } };

describe('the profile file', () => {
  it('is read as it was written, by its owner only', async () => {
    await writeProfiles(path, content);
    expect(await readProfiles(path)).toEqual(content);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(dirname(path))).mode & 0o777).toBe(0o700);
    expect(await readdir(dirname(path))).toEqual(['profiles.json']);
  });

  it('is empty where there is none', async () => {
    expect(await readProfiles(path)).toEqual({ profiles: {} });
  });

  it.each([0o640, 0o604, 0o620])(
    'is refused with the mode %o, in a sentence with the command that helps',
    async (mode) => {
      await writeProfiles(path, content);
      await chmod(path, mode);
      await expect(readProfiles(path)).rejects.toThrow(
        `${path} holds keys and others may read it: run chmod 600 ${path}`,
      );
    },
  );

  it.each(['{', '[]', '{"profiles":{"a":{"url":1}}}'])('is refused when it says %s', async (text) => {
    await mkdir(dirname(path));
    await writeFile(path, text, { mode: 0o600 });
    await expect(readProfiles(path)).rejects.toThrow(`${path} is damaged: mend it, or delete it`);
  });

  it('says so when it cannot be written', async () => {
    await writeFile(dirname(path), 'a file where the folder would be');
    await expect(writeProfiles(path, content)).rejects.toThrow(/cannot be written \(E[A-Z]+\): set XDG_CONFIG_HOME/);
  });
});

describe('a profile', () => {
  it('is found by its name, and by being in use', () => {
    expect(namedProfile(content, 'production')).toBe(production);
    expect(currentProfile(content)).toBe(production);
    expect(currentProfile({ profiles: { production } })).toBeUndefined();
  });

  it.each(['staging', 'constructor'])('that is not there is a sentence with those that are: %s', (name) => {
    expect(() => namedProfile(content, name)).toThrow(`There is no profile ${name}. There are production: add it with`);
    expect(() => namedProfile({ profiles: {} }, name)).toThrow('There are none yet: add it with');
  });
});
