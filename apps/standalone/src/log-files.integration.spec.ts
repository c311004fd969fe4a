import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { watch } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { homeAt, prepareHome, type Home } from './home.js';
import { InstallationLogs } from './log-files.js';

const MEBIBYTE = 1024 * 1024;
let home: Home;
beforeEach(async () => {
  home = homeAt(await mkdtemp(join(tmpdir(), 'millrace-logs-')));
  await prepareHome(home);
});
afterEach(() => rm(home.folder, { recursive: true, force: true }));

/** Resolves when a file of that name appears in the log folder. */
async function appears(name: string): Promise<void> {
  const watcher = watch(home.logs);
  while (!(await readdir(home.logs)).includes(name)) await once(watcher, 'change');
  watcher.close();
}

describe('the logs of an installation', () => {
  it('hold everything that was logged once they are closed', async () => {
    const logs = new InstallationLogs(home, (message) => expect(message).toBe('no trouble'));
    const log = logs.writer('api');
    for (let line = 0; line < 1_000; line += 1) log(`${line}\n`);
    await logs.close();
    expect((await readFile(logs.pathOf('api'), 'utf8')).split('\n')).toHaveLength(1_001);
  });

  it('begin a new file after 10 MB and keep the older ones, for their owner only', async () => {
    const logs = new InstallationLogs(home, (message) => expect(message).toBe('no trouble'));
    const log = logs.writer('api');
    const rotated = appears('api.log.1');
    for (let written = 0; written <= 10 * MEBIBYTE; written += MEBIBYTE) log('x'.repeat(MEBIBYTE));
    await rotated;
    expect((await stat(join(home.logs, 'api.log.1'))).size).toBeGreaterThanOrEqual(10 * MEBIBYTE);
    await logs.close();
    expect((await stat(logs.pathOf('api'))).mode & 0o077).toBe(0);
  });

  it('never fail their writer, and tell a person', async () => {
    const told: string[] = [];
    const heard = new Promise<void>((resolve) => {
      const logs = new InstallationLogs(homeAt(import.meta.filename), (message) => {
        told.push(message);
        resolve();
      });
      const log = logs.writer('api');
      log('first');
      log('second');
    });
    await heard;
    expect(told).toEqual([expect.stringMatching(/^The log of api cannot be written: /)]);
  });
});
