import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { serveFilePath, takeFromHome } from './serve-file.js';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'millrace-serve-file-'));
});
afterEach(() => rm(home, { recursive: true }));

function offer(content: unknown): Promise<void> {
  return writeFile(serveFilePath(home), JSON.stringify(content));
}

describe('what a process takes from a home', () => {
  it('is what the environment does not say, of what is meant for it', async () => {
    const runner = { MILLRACE_SCHEDULER_URL: 'home:1', MILLRACE_JOIN_TOKEN: 'from-home', DATABASE_URL: 'not-read' };
    await offer({ api: { REDIS_URL: 'redis://home' }, scheduler: {}, runner });
    const environment: NodeJS.ProcessEnv = { MILLRACE_SCHEDULER_URL: 'chosen:1', MILLRACE_JOIN_TOKEN: '' };
    expect(await takeFromHome(home, 'runner', environment)).toEqual(['MILLRACE_JOIN_TOKEN']);
    expect(environment).toEqual({ MILLRACE_SCHEDULER_URL: 'chosen:1', MILLRACE_JOIN_TOKEN: 'from-home' });
  });

  it('is nothing where no millrace was started', async () => {
    expect(await takeFromHome(home, 'api', {})).toEqual([]);
  });

  it('is refused in one sentence when the file is damaged', async () => {
    await offer({ api: 1 });
    await expect(takeFromHome(home, 'api', {})).rejects.toThrow(/serve\.json is damaged: start millrace in that home/);
  });
});
