import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identifyProcess } from '@millrace/platform/process-identity';
import { claimVersion, homeAt, prepareHome, type Home } from './home.js';
import { lockHome } from './home-lock.js';
import { listenAgain, readKeptPorts } from './kept-ports.js';
import { requireFreePort } from './require-free-port.js';
import { ensureSecrets } from './secrets.js';
import { starterModel } from './served-model.js';

let home: Home;
beforeEach(async () => {
  home = homeAt(await mkdtemp(join(tmpdir(), 'millrace-home-')));
  await prepareHome(home);
});
afterEach(() => rm(home.folder, { recursive: true, force: true }));

describe('the home', () => {
  it('is refused on a disk that is too small, with what is missing', async () => {
    await expect(prepareHome(home, Number.MAX_SAFE_INTEGER)).rejects.toThrow(
      /^The disk of MILLRACE_HOME .* has \d+ MB free, .* need \d+ MB: make room/,
    );
  });

  it('is refused where no folder can be made', async () => {
    await writeFile(join(home.folder, 'file'), '');
    await expect(prepareHome(homeAt(join(home.folder, 'file', 'below')))).rejects.toThrow(
      /cannot be written \(ENOTDIR\)/,
    );
  });

  it('of a newer version is refused and left as it is', async () => {
    await claimVersion(home, '0.2.0');
    await expect(claimVersion(home, '0.1.9')).rejects.toThrow(/was written by millrace 0\.2\.0, and this is 0\.1\.9/);
    expect(await readFile(home.versionFile, 'utf8')).toBe('0.2.0\n');
  });

  it('of an older version becomes one of this version', async () => {
    await claimVersion(home, '0.1.0');
    await claimVersion(home, '0.2.0');
    expect(await readFile(home.versionFile, 'utf8')).toBe('0.2.0\n');
  });
});

describe('the lock of a home', () => {
  it('names the process that uses it', async () => {
    await lockHome(home);
    await expect(lockHome(home)).rejects.toThrow(new RegExp(`is in use by process ${String(process.pid)}: `));
  });

  it('can be taken again when it was let go', async () => {
    const letGo = await lockHome(home);
    await letGo();
    await expect(lockHome(home)).resolves.toBeDefined();
  });

  it('of a killed process is taken over', async () => {
    const killed = spawn(process.execPath, ['-e', 'setInterval(() => 0, 1000)']);
    await writeFile(home.lockFile, JSON.stringify(await identifyProcess(killed.pid ?? 0)));
    await expect(lockHome(home)).rejects.toThrow(/in use/);
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    await expect(lockHome(home)).resolves.toBeDefined();
    expect((await readdir(home.folder)).filter((name) => name.startsWith('lock'))).toEqual(['lock.json']);
  });

  it('is free when another process has got the pid of the one that held it', async () => {
    await writeFile(home.lockFile, JSON.stringify({ pid: process.pid, startedAt: 'before the last reboot' }));
    await expect(lockHome(home)).resolves.toBeDefined();
  });

  it('is given to one of several that find it stale', async () => {
    await writeFile(home.lockFile, JSON.stringify({ pid: 1, startedAt: 'never' }));
    const outcomes = await Promise.allSettled([1, 2, 3, 4].map(() => lockHome(home)));
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });
});

describe('the secrets of a home', () => {
  it('are the same at every start, and for their owner only', async () => {
    const first = await ensureSecrets(home);
    expect(await ensureSecrets(home)).toEqual(first);
    expect(new Set(Object.values(first)).size).toBe(Object.values(first).length);
    expect((await stat(home.secretsFile)).mode & 0o077).toBe(0);
  });

  it('of an older version are kept, and get what is newer once', async () => {
    const { agentKey: _, ...older } = await ensureSecrets(home);
    await writeFile(home.secretsFile, JSON.stringify(older));
    const completed = await ensureSecrets(home);
    expect(completed).toEqual({ ...older, agentKey: expect.stringMatching(/^mr-agent-/) });
    expect(await ensureSecrets(home)).toEqual(completed);
  });

  it('that are damaged stop the start instead of being made anew', async () => {
    await writeFile(home.secretsFile, '{"pepper": "');
    await expect(ensureSecrets(home)).rejects.toThrow(/secrets\.json is damaged: restore it/);
  });
});

describe('the port', () => {
  it('that is taken is named', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await expect(requireFreePort(port, '127.0.0.1')).rejects.toThrow(`Port ${String(port)} is taken: set PORT`);
    server.close();
    await once(server, 'close');
    await expect(requireFreePort(port, '127.0.0.1')).resolves.toBeUndefined();
  });
});

describe('the model to serve', () => {
  it('is named after its file', async () => {
    const path = join(home.folder, 'Qwen3-8B.Q4_K_M.gguf');
    await writeFile(path, 'GGUF\u0003');
    expect(await starterModel(path, '/nowhere')).toEqual({
      name: 'Qwen3-8B.Q4_K_M',
      artifact: path,
      engine: 'llama-cpp',
    });
  });

  it('may be an address on the hub', async () => {
    expect(await starterModel('hf:owner/repo/folder/file.gguf', '/nowhere')).toEqual({
      name: 'file',
      artifact: 'hf:owner/repo/folder/file.gguf',
      engine: 'llama-cpp',
    });
  });

  it.each([
    ['/no/such/file.gguf', /^The model file \/no\/such\/file\.gguf does not exist: set MILLRACE_MODEL/],
    ['hf:file.gguf', /does not name an artifact; expected .*hf:owner/],
    [import.meta.filename, /is not a GGUF file/],
  ])('is refused as %s in one sentence', async (wanted, sentence) => {
    await expect(starterModel(wanted, '/nowhere')).rejects.toThrow(sentence);
  });
});

describe('the ports of the last start', () => {
  it('are used again when they are free and no setting names others', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect(await listenAgain('127.0.0.1:0', port)).toBe('127.0.0.1:0');
    server.close();
    await once(server, 'close');
    expect(await listenAgain('127.0.0.1:0', port)).toBe(`127.0.0.1:${String(port)}`);
    expect(await listenAgain('127.0.0.1:7000', port)).toBe('127.0.0.1:7000');
  });

  it('are chosen anew when their file is missing or damaged', async () => {
    expect(await readKeptPorts(home.portsFile)).toEqual({});
    await writeFile(home.portsFile, '{"fleet": 70000}');
    expect(await readKeptPorts(home.portsFile)).toEqual({});
  });
});
