import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, cp, lstat, mkdtemp, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { isAlive } from '@millrace/platform/process-identity';
import pg from 'pg';
import { build } from '../../../../tools/build.mjs';
import { embeddedPostgres } from './embedded-postgres.js';
import { checkExternalPostgres } from './external-stores.js';
import { findPostgres } from './find-postgres.js';
import { preparePlaces } from './postgres-places.js';
import { runCommand } from './run-command.js';
import { serverUser } from './server-user.js';
import { startPostgres, type PostgresOptions } from './start-postgres.js';

const asRoot = process.getuid?.() === 0 ? it : it.skip;
let home: string;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'millrace-postgres-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));

function options(more: Partial<PostgresOptions> = {}): PostgresOptions {
  return { folder: join(home, 'postgres'), password: 'a-password', ...more };
}

async function query(url: string, text: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

describe('the embedded Postgres', () => {
  it('keeps its data over a restart, on the port it is given', async () => {
    const first = await startPostgres(options());
    await query(first.url, 'CREATE TABLE kept AS SELECT 7 AS n');
    await first.stop();
    const second = await startPostgres(options({ port: first.port }));
    expect(second.port).toBe(first.port);
    expect(await query(second.url, 'SELECT n FROM kept')).toEqual([{ n: 7 }]);
    expect(await query(second.url, 'SHOW fsync')).toEqual([{ fsync: 'on' }]);
    await second.stop();
  });

  it('asks for its password', async () => {
    const store = await startPostgres(options({ ephemeral: true }));
    await expect(query(store.url.replace('a-password', 'guessed'), 'SELECT 1')).rejects.toThrow(/password/);
    await store.stop();
  });

  it('removes ephemeral data when it stops', async () => {
    const store = await startPostgres(options({ ephemeral: true }));
    await store.stop();
    expect(await readdir(home)).toEqual([]);
  });

  it('tells when its server dies', async () => {
    const store = await startPostgres(options({ ephemeral: true }));
    process.kill(store.pid, 'SIGKILL');
    expect((await store.exited).lastWords).toMatch(/ready to accept connections/);
  });

  it('ends when the process that started it is killed, and its data opens again', async () => {
    await build();
    const program = join(import.meta.dirname, '../test/start-and-print.mjs');
    const starter = spawn(process.execPath, [program, home], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [printed] = (await once(starter.stdout, 'data')) as [Buffer];
    const identity = JSON.parse(printed.toString()) as { pid: number; startedAt: string };
    expect(await isAlive(identity)).toBe(true);
    starter.kill('SIGKILL');
    const next = await startPostgres(options());
    expect(await isAlive(identity)).toBe(false);
    expect(await query(next.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await next.stop();
  });

  it('starts over the pid file of a crashed machine, though another process has that pid now', async () => {
    const first = await startPostgres(options());
    process.kill(first.pid, 'SIGKILL');
    await first.exited;
    const file = join(home, 'postgres', 'data', 'postmaster.pid');
    const lines = (await readFile(file, 'utf8')).split('\n');
    await writeFile(file, ['1', ...lines.slice(1)].join('\n'));
    const second = await startPostgres(options());
    expect(await query(second.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await second.stop();
  });

  it('runs from the programs of the npm package, whose links are made when they are missing', async () => {
    const native = join(home, 'package', 'native');
    const folder = await embeddedPostgres();
    if (folder === undefined) return;
    await cp(dirname(folder), native, { recursive: true, verbatimSymlinks: true });
    await chmod(home, 0o755);
    const store = await startPostgres(
      options({ ephemeral: true, binaries: { folder: join(native, 'bin'), major: 18, origin: 'embedded' } }),
    );
    const [row] = await query(store.url, 'SELECT version()');
    expect(row?.['version']).toMatch(/^PostgreSQL 18/);
    await store.stop();
  });

  it('refuses data of another version in one sentence', async () => {
    await writeFile(join(home, 'PG_VERSION'), '12\n');
    await expect(findPostgres({ cluster: home })).rejects.toThrow(
      /^The data in .* belongs to PostgreSQL 12, and this machine has .*: install PostgreSQL 12, or move MILLRACE_HOME away/,
    );
  });
});

describe('as root, below a folder that the server may not enter', () => {
  const places: string[] = [];
  afterEach(async () => {
    for (const place of places.splice(0)) await rm(place, { recursive: true, force: true });
  });

  asRoot('data moves to /var/lib/millrace, and data of a removed home is not found again', async () => {
    await chmod(home, 0o700);
    const folder = join(home, 'home', 'postgres');
    const first = await startPostgres(options({ folder }));
    expect((await lstat(folder)).isSymbolicLink()).toBe(true);
    const moved = await readlink(folder);
    places.push(dirname(moved));
    await query(first.url, 'CREATE TABLE kept AS SELECT 7 AS n');
    await first.stop();

    const second = await startPostgres(options({ folder }));
    expect(await query(second.url, 'SELECT n FROM kept')).toEqual([{ n: 7 }]);
    await second.stop();

    await rm(join(home, 'home'), { recursive: true });
    // The home is new, and so are its data.
    const third = await startPostgres(options({ folder, password: 'another' }));
    await expect(query(third.url, 'SELECT n FROM kept')).rejects.toThrow(/does not exist/);
    await third.stop();
  });

  asRoot('programs are copied to where the server may run them', async () => {
    const embedded = await embeddedPostgres();
    if (embedded === undefined) return;
    const hidden = join(home, 'checkout');
    await cp(dirname(embedded), hidden, { recursive: true, verbatimSymlinks: true });
    await chmod(home, 0o700);
    const binaries = { folder: join(hidden, 'bin'), major: 18, origin: 'embedded' as const };
    const { binFolder } = await preparePlaces(join(home, 'home', 'postgres'), binaries);
    places.push(dirname(dirname(binFolder)));
    const answer = await runCommand(join(binFolder, 'postgres'), ['--version'], { user: serverUser(), cwd: '/' });
    expect(answer).toMatchObject({ ok: true });
  });
});

describe('the Postgres of DATABASE_URL', () => {
  it('is named without its password when it does not answer', async () => {
    const check = checkExternalPostgres('postgres://me:secret@127.0.0.1:1/db');
    await expect(check).rejects.toThrow(/^DATABASE_URL \(127\.0\.0\.1:1\) does not answer: .*ECONNREFUSED/);
    await expect(check).rejects.not.toThrow(/secret/);
  });
});
