import { execFile } from 'node:child_process';
import { chmod, chown, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startStores } from '@millrace/adapters/embedded-stores';
import { identifyProcess, isAlive, type ProcessIdentity } from '@millrace/platform/process-identity';
import { build } from '../../../tools/build.mjs';
import { eventually } from './eventually.js';
import { npmStart, PARTS, type DevFacts, type NpmStart } from './npm-start.js';
import { childrenOf } from './process-tree.js';
import { CHECKOUT, runMillrace } from './run-millrace.js';
import { query } from './stored-rows.js';

const LIMIT_MS = 180_000;
const WITHIN_10_S = 10_000;
let folder: string;
const started: NpmStart[] = [];

beforeAll(() => build());
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'millrace-npm-start-'));
  // As root, Postgres runs as another user, who has to pass through.
  await chmod(folder, 0o755);
});
afterEach(async () => {
  for (const one of started.splice(0)) {
    one.signal('SIGTERM');
    await one.ended;
  }
  await rm(folder, { recursive: true, force: true });
}, LIMIT_MS);

async function start(home = 'home', environment: Record<string, string> = {}): Promise<NpmStart> {
  const one = await npmStart({ home: join(folder, home), environment });
  started.push(one);
  return one;
}

/** Every process of an installation, the supervisor and the children of its parts included. */
async function processesOf({ pids }: DevFacts): Promise<ProcessIdentity[]> {
  const parts = [pids.supervisor, ...PARTS.map((name) => pids[name])];
  const all = [...parts, ...(await Promise.all(parts.map((pid) => childrenOf(pid)))).flat()];
  return Promise.all([...new Set(all)].map((pid) => identifyProcess(pid)));
}

async function awaitEndOf(processes: readonly ProcessIdentity[]): Promise<void> {
  let left: string[] = [];
  const look = async () => {
    left = (await Promise.all(processes.map((one) => describeIfAlive(one)))).flat();
    return left.length > 0 ? undefined : true;
  };
  await eventually('all processes are gone', WITHIN_10_S, look).catch((error: unknown) => {
    throw new Error(`There still are ${left.join(', ')}`, { cause: error });
  });
}

/** What a process is and does, in a list of one; nothing of one that is gone. */
async function describeIfAlive(identity: ProcessIdentity): Promise<string[]> {
  if (!(await isAlive(identity))) return [];
  const of = (file: string) => readFile(`/proc/${String(identity.pid)}/${file}`, 'utf8').catch(() => 'gone');
  const [command, state, waitsIn] = await Promise.all([of('cmdline'), of('status'), of('wchan')]);
  return [`"${command.replaceAll('\0', ' ').trim()}" (${/State:\s+(.+)/.exec(state)?.[1] ?? 'gone'}, in ${waitsIn})`];
}

async function answer({ baseUrl, apiKey, model }: DevFacts): Promise<string> {
  const response = await fetch(`${baseUrl}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      ...{ model, temperature: 0 },
      messages: [{ role: 'user', content: 'What is the capital of France?' }],
    }),
  });
  return response.text();
}

async function usageRows({ databaseUrl }: DevFacts): Promise<number> {
  const [row] = await query<{ count: string }>(databaseUrl, 'SELECT count(*) FROM usage_records');
  return Number(row?.count);
}

/** Postgres wants its user to have a name, so it is one of this machine. */
async function ordinaryUser(): Promise<{ uid: number; gid: number }> {
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n');
  const [, , uid, gid] = lines.find((line) => line.startsWith('daemon:'))?.split(':') ?? [];
  return { uid: Number(uid), gid: Number(gid) };
}

describe('npm start', () => {
  it(
    'prints a curl line that works as pasted, and writes dev.json for its owner only',
    async () => {
      const running = await start();
      const line =
        running
          .output()
          .split('\n')
          .find((text) => text.trim().startsWith('curl ')) ?? '';
      const { stdout } = await promisify(execFile)('/bin/sh', ['-c', line]);
      expect(JSON.parse(stdout)).toMatchObject({ object: 'chat.completion', model: 'millrace-tiny' });
      expect(stdout).toContain('Paris');

      const dev = await running.dev();
      expect(dev).toEqual({
        baseUrl: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
        operatorKey: expect.stringMatching(/^mr-operator-/),
        apiKey: expect.stringMatching(/^mr-inference-/),
        agentKey: expect.stringMatching(/^mr-agent-/),
        model: 'millrace-tiny',
        joinToken: expect.stringMatching(/^mr-join-/),
        schedulerUrl: expect.stringMatching(/^127\.0\.0\.1:\d+$/),
        redisUrl: expect.stringMatching(/^redis:\/\//),
        databaseUrl: expect.stringMatching(/^postgres:\/\//),
        pids: Object.fromEntries(['supervisor', ...PARTS].map((name) => [name, expect.any(Number)])),
      });
      for (const text of [dev.baseUrl, dev.operatorKey, dev.apiKey, dev.agentKey, dev.model])
        expect(running.output()).toContain(text);
      for (const file of ['dev.json', 'secrets.json', 'ports.json']) {
        expect((await stat(join(running.home, file))).mode & 0o077).toBe(0);
      }
      expect((await readdir(join(running.home, 'logs'))).filter((name) => name.endsWith('.log')).sort()).toEqual(
        [...PARTS].sort().map((name) => `${name}.log`),
      );
    },
    LIMIT_MS,
  );

  it(
    'ends every process when npm gets SIGTERM, and keeps keys, data and addresses for the next start',
    async () => {
      const first = await start();
      const before = await first.dev();
      await answer(before);
      const rows = await usageRows(before);
      const processes = await processesOf(before);
      first.signal('SIGTERM');
      await awaitEndOf(processes);
      await first.ended;

      const second = await start();
      const after = await second.dev();
      const keys = ['operatorKey', 'apiKey', 'agentKey', 'joinToken'] as const;
      const addresses = ['schedulerUrl', 'redisUrl', 'databaseUrl'] as const;
      for (const name of [...keys, ...addresses]) expect(after[name]).toBe(before[name]);
      await eventually('the new answer is counted beside the old ones', WITHIN_10_S, async () => {
        return (await usageRows(after)) > rows || undefined;
      });
      expect(await answer({ ...after, apiKey: before.apiKey })).toContain('Paris');
    },
    LIMIT_MS,
  );

  it(
    'ends every process on Ctrl-C, and at once when it is pressed again',
    async () => {
      const running = await start();
      const dev = await running.dev();
      const processes = await processesOf(dev);
      const supervisor = await identifyProcess(dev.pids.supervisor);
      process.kill(dev.pids.redis, 'SIGSTOP');
      process.kill(dev.pids.supervisor, 'SIGINT');
      await eventually('it stops', WITHIN_10_S, async () => running.output().includes('Stopping') || undefined);
      await eventually('it ends', WITHIN_10_S, async () => {
        if (!(await isAlive(supervisor))) return true;
        process.kill(dev.pids.supervisor, 'SIGINT');
        return undefined;
      });
      await awaitEndOf(processes);
      expect(running.output()).not.toContain('Stopped');
    },
    LIMIT_MS,
  );

  it(
    'stops in order on one Ctrl-C, which arrives from the terminal and from npm',
    async () => {
      const running = await start();
      const dev = await running.dev();
      const processes = await processesOf(dev);
      process.kill(dev.pids.supervisor, 'SIGINT');
      running.signal('SIGINT');
      process.kill(dev.pids.supervisor, 'SIGINT');
      await awaitEndOf(processes);
      await running.ended;
      expect(running.output()).toContain('Stopped');
    },
    LIMIT_MS,
  );

  it(
    'leaves no process behind when its supervisor is killed, and recovers at the next start',
    async () => {
      const first = await start();
      const dev = await first.dev();
      const processes = await processesOf(dev);
      process.kill(dev.pids.supervisor, 'SIGKILL');
      await awaitEndOf(processes);
      const second = await start();
      expect(await answer(await second.dev())).toContain('Paris');
    },
    LIMIT_MS,
  );

  it(
    'starts a dead process again and keeps dev.json current',
    async () => {
      const running = await start();
      for (const name of PARTS) {
        const { pids } = await running.dev();
        process.kill(pids[name], 'SIGKILL');
        await eventually(`${name} runs again`, 30_000, async () => {
          const now = (await running.dev()).pids[name];
          return now === pids[name] ? undefined : now;
        });
      }
      const dev = await running.dev();
      const text = await eventually('it answers again', 60_000, async () => {
        const body = await answer(dev).catch(() => '');
        return body.includes('Paris') ? body : undefined;
      });
      expect(text).toContain('chat.completion');
    },
    LIMIT_MS,
  );

  it(
    'runs several side by side, but one in a home',
    async () => {
      const [one, other] = await Promise.all([start('one'), start('other')]);
      const [first, second] = await Promise.all([one.dev(), other.dev()]);
      expect(second.baseUrl).not.toBe(first.baseUrl);
      expect(second.apiKey).not.toBe(first.apiKey);
      const answers = await Promise.all([answer(first), answer(second)]);
      for (const text of answers) expect(text).toContain('Paris');
      expect(await answer({ ...first, apiKey: second.apiKey })).toContain('invalid_api_key');

      const refused = await runMillrace({ environment: { MILLRACE_HOME: one.home, PORT: '0' } });
      expect(refused.code).toBe(1);
      expect(refused.errors.trim()).toMatch(
        new RegExp(`^MILLRACE_HOME .* is in use by process ${first.pids.supervisor}: .*$`),
      );
    },
    LIMIT_MS,
  );

  it(
    'uses the stores of DATABASE_URL and REDIS_URL instead of its own',
    async () => {
      const stores = await startStores({ home: join(folder, 'stores') });
      try {
        const environment = { DATABASE_URL: stores.databaseUrl, REDIS_URL: stores.redisUrl };
        const running = await start('home', environment);
        const dev = await running.dev();
        expect(dev.pids).toMatchObject({ postgres: null, redis: null });
        expect(dev).toMatchObject({ databaseUrl: stores.databaseUrl, redisUrl: stores.redisUrl });
        expect(await answer(dev)).toContain('Paris');
        expect(await readdir(running.home)).not.toContain('postgres');
        running.signal('SIGTERM');
        await running.ended;
      } finally {
        await stores.stop();
      }
    },
    LIMIT_MS,
  );

  it(
    'says why a model cannot be loaded, and leaves no process behind',
    async () => {
      const model = join(folder, 'cut-off.gguf');
      const whole = await readFile(join(CHECKOUT, 'models', 'millrace-tiny.gguf'));
      await writeFile(model, whole.subarray(0, 200_000));
      const home = join(folder, 'home');
      const ended = await runMillrace({ environment: { MILLRACE_HOME: home, PORT: '0', MILLRACE_MODEL: model } });
      expect(ended.code).toBe(1);
      expect(ended.errors.trim()).toMatch(/^The model cut-off cannot be served: .*incomplete/);
      expect(await readdir(home)).not.toContain('lock.json');
      expect(await readdir(home)).not.toContain('dev.json');
    },
    LIMIT_MS,
  );

  const asRoot = process.getuid?.() === 0 ? it : it.skip;
  asRoot(
    'works for an ordinary user as for root',
    async () => {
      const user = await ordinaryUser();
      await chown(folder, user.uid, user.gid);
      const environment = { HOME: folder, npm_config_cache: join(folder, 'npm') };
      const running = await npmStart({ home: join(folder, 'home'), environment, user });
      started.push(running);
      expect(await answer(await running.dev())).toContain('Paris');
      expect((await stat(join(running.home, 'postgres', 'data'))).uid).toBe(user.uid);
    },
    LIMIT_MS,
  );
});
