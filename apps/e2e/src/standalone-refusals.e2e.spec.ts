import { chmod, cp, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startRedis, type RunningRedis } from '@millrace/adapters/embedded-stores';
import { Redis } from 'ioredis';
import { build } from '../../../tools/build.mjs';
import { CHECKOUT, runMillrace, type Ended } from './run-millrace.js';

let folder: string;
let home: string;

beforeAll(() => build());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-refusal-'));
  home = join(folder, 'home');
  // As root, Postgres runs as another user, who has to pass through.
  await chmod(folder, 0o755);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** One line that says it all, on standard error, and a non-zero exit. */
function expectSentence(ended: Ended, sentence: RegExp): void {
  expect({ ...ended, errors: ended.errors.trim() }).toMatchObject({
    code: 1,
    errors: expect.stringMatching(sentence) as string,
  });
  expect(ended.errors.trim().split('\n')).toHaveLength(1);
}

/** A checkout without packages: the files of this one, nothing installed. */
async function bareCheckout(): Promise<string> {
  const checkout = join(folder, 'checkout');
  await mkdir(checkout);
  for (const name of ['millrace', 'package.json', 'package-lock.json', '.npmrc', 'tools']) {
    await cp(join(CHECKOUT, name), join(checkout, name), { recursive: true });
  }
  return checkout;
}

async function listeningServer(): Promise<{ server: Server; port: number }> {
  const server = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { server, port: (server.address() as AddressInfo).port };
}

describe('npm start ends in one plain sentence', () => {
  it('on a Node that is too old', async () => {
    const before = `Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '18.20.8' } });`;
    const ended = await runMillrace({ environment: { MILLRACE_HOME: home }, before });
    expectSentence(ended, /^millrace needs Node\.js 20\.19 or newer, and this is 18\.20\.8: install a newer one/);
  });

  it('without Node', async () => {
    const programs = join(folder, 'programs');
    await mkdir(programs);
    for (const name of ['readlink', 'dirname']) await symlink(`/usr/bin/${name}`, join(programs, name));
    const ended = await runMillrace({ environment: { PATH: programs } });
    expectSentence(ended, /^millrace needs Node\.js 20\.19 or newer, and there is no node on PATH/);
  });

  it('on a platform that cannot run it', async () => {
    const before = `Object.defineProperty(process, 'platform', { value: 'sunos' });`;
    const ended = await runMillrace({ environment: { MILLRACE_HOME: home }, before });
    expectSentence(ended, /^millrace runs on Linux and macOS, and this is sunos: use a Linux machine/);
  });

  it('on a disk that is too small for the packages', async () => {
    const before = `
      import fs from 'node:fs/promises';
      import { syncBuiltinESMExports } from 'node:module';
      fs.statfs = () => Promise.resolve({ bavail: 1024, bsize: 1024 });
      syncBuiltinESMExports();`;
    const ended = await runMillrace({ checkout: await bareCheckout(), before });
    expectSentence(ended, /^The disk of .* has 1 MB free, and the packages take 1024 MB .*: make room/);
  });

  it('when the package registry is out of reach', async () => {
    const { server, port } = await listeningServer();
    server.close();
    const registry = `http://127.0.0.1:${String(port)}/`;
    const environment = { npm_config_registry: registry, npm_config_cache: join(folder, 'cache') };
    const ended = await runMillrace({ checkout: await bareCheckout(), environment });
    expect(ended.code).toBe(1);
    expect(ended.errors.trim().split('\n').at(-1)).toMatch(
      /^The package registry .* cannot be reached \(ECONNREFUSED\): check the network/,
    );
  });

  it('on a disk that is too small for the data', async () => {
    const before = `
      import fs from 'node:fs/promises';
      import { syncBuiltinESMExports } from 'node:module';
      fs.statfs = () => Promise.resolve({ bavail: 1024, bsize: 1024 });
      syncBuiltinESMExports();`;
    const ended = await runMillrace({ environment: { MILLRACE_HOME: home, PORT: '0' }, before });
    expectSentence(ended, /^The disk of MILLRACE_HOME .* has 1 MB free, and data and logs need 400 MB: make room/);
  });

  it('when the port is taken, before anything is started', async () => {
    const { server, port } = await listeningServer();
    const ended = await runMillrace({ environment: { MILLRACE_HOME: home, PORT: String(port) } });
    server.close();
    expectSentence(ended, new RegExp(`^Port ${String(port)} is taken: set PORT to a free one`));
    expect(await readdir(home)).not.toContain('postgres');
  });

  it('when the home was written by a newer version', async () => {
    await mkdir(home);
    await writeFile(join(home, 'version'), '99.0.0\n');
    const ended = await runMillrace({ environment: { MILLRACE_HOME: home, PORT: '0' } });
    expectSentence(ended, /^MILLRACE_HOME .* was written by millrace 99\.0\.0, and this is .*: update this checkout/);
  });

  it('on a platform without an embedded store', async () => {
    const programs = join(folder, 'programs');
    await mkdir(programs);
    for (const name of ['sh', 'readlink', 'dirname']) await symlink(`/usr/bin/${name}`, join(programs, name));
    await symlink(process.execPath, join(programs, 'node'));
    // The packages of this machine stay; the names under which stores are looked up are those of another.
    const before = `
      import fs from 'node:fs/promises';
      import { syncBuiltinESMExports } from 'node:module';
      const readdir = fs.readdir;
      fs.readdir = (path, ...rest) =>
        path === '/usr/lib/postgresql' ? Promise.reject(new Error('no such folder')) : readdir(path, ...rest);
      syncBuiltinESMExports();
      Object.defineProperty(process, 'arch', { value: 'riscv64' });`;
    const ended = await runMillrace({ environment: { MILLRACE_HOME: home, PORT: '0', PATH: programs }, before });
    expect(ended.code).toBe(1);
    expect(ended.errors).toMatch(/No PostgreSQL for linux-riscv64: install it \(.*\), or set DATABASE_URL/);
  });

  it('when DATABASE_URL does not answer', async () => {
    const DATABASE_URL = 'postgres://me:secret@127.0.0.1:1/db';
    const ended = await runMillrace({ environment: { MILLRACE_HOME: home, PORT: '0', DATABASE_URL } });
    expectSentence(ended, /^DATABASE_URL \(127\.0\.0\.1:1\) does not answer: .*ECONNREFUSED/);
    expect(ended.output + ended.errors).not.toContain('secret');
  });

  it('when MILLRACE_MODEL is no weights file', async () => {
    const environment = { MILLRACE_HOME: home, PORT: '0', MILLRACE_MODEL: join(CHECKOUT, 'package.json') };
    expectSentence(await runMillrace({ environment }), /^The model file .*package\.json is not a GGUF file/);
  });

  it('when a setting is misspelt', async () => {
    const ended = await runMillrace({ environment: { MILLRACE_HOMES: home } });
    expectSentence(ended, /^MILLRACE_HOMES is not a setting of millrace: remove it, or correct its spelling/);
  });

  it('when the home cannot be written', async () => {
    await writeFile(join(folder, 'file'), '');
    const ended = await runMillrace({ environment: { MILLRACE_HOME: join(folder, 'file', 'home'), PORT: '0' } });
    expectSentence(ended, /^MILLRACE_HOME .* cannot be written \(ENOTDIR\): choose another folder/);
  });
});

describe('an external Redis', () => {
  let redis: RunningRedis;
  beforeEach(async () => {
    redis = await startRedis({
      folder: join(folder, 'redis'),
      passwords: { main: 'main-password', runner: 'runner-password' },
      downloads: join(CHECKOUT, 'node_modules/.cache/millrace'),
      ephemeral: true,
    });
  });
  afterEach(() => redis.stop());

  it('that evicts is refused in one plain sentence', async () => {
    const client = new Redis(redis.url);
    await client.config('SET', 'maxmemory-policy', 'allkeys-lru');
    client.disconnect();
    const environment = { MILLRACE_HOME: home, PORT: '0', REDIS_URL: redis.url };
    const ended = await runMillrace({ environment });
    expectSentence(ended, /^REDIS_URL .* has maxmemory-policy allkeys-lru, .* set it to noeviction/);
    expect(ended.errors).not.toContain('main-password');
  });
});
