import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { childEnvironment, type ServeFile } from '@millrace/platform/config';

const READY = 'Ctrl-C stops everything';

/** What the bench needs of dev.json. */
interface DevFacts {
  baseUrl: string;
  apiKey: string;
  model: string;
  redisUrl: string;
  databaseUrl: string;
  pids: Record<'supervisor' | 'api' | 'scheduler' | 'runner' | 'redis' | 'postgres', number>;
}

export interface Millrace extends DevFacts {
  /** What its keys are hashed with. */
  pepper: string;
  /** Stops everything and removes its home. */
  stop(): Promise<void>;
}

export interface StartWish {
  checkout: string;
  /** Absolute path of a folder for V8 CPU profiles of every Node process. */
  profiles?: string;
}

/** A millrace of the bench's own: in a temporary home, on a free port, with embedded stores. */
export async function startMillrace(wish: StartWish): Promise<Millrace> {
  const home = await mkdtemp(join(tmpdir(), 'millrace-bench-'));
  // Postgres refuses root and then runs as another user, who has to pass through.
  await chmod(home, 0o711);
  const child = spawn(join(wish.checkout, 'millrace'), ['up'], {
    cwd: wish.checkout,
    env: environmentIn(home, wish),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGTERM');
    await exited;
    await rm(home, { recursive: true, force: true });
  };
  try {
    await whenReady(child, exited);
    const dev = JSON.parse(await readFile(join(home, 'dev.json'), 'utf8')) as DevFacts;
    const { api } = JSON.parse(await readFile(join(home, 'serve.json'), 'utf8')) as ServeFile;
    return { ...dev, pepper: api.MILLRACE_KEY_PEPPER ?? '', stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function environmentIn(home: string, { profiles }: StartWish): NodeJS.ProcessEnv {
  const environment = childEnvironment({
    MILLRACE_HOME: home,
    PORT: '0',
    MILLRACE_MODEL: undefined,
    DATABASE_URL: undefined,
    REDIS_URL: undefined,
  });
  if (profiles === undefined) return environment;
  const preload = new URL(`../profile/record-profile.js?folder=${encodeURIComponent(profiles)}`, import.meta.url);
  return { ...environment, NODE_OPTIONS: `--import=${preload.href}` };
}

async function whenReady(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  let output = '';
  const ready = new Promise<void>((resolve) => {
    const hear = (data: Buffer) => {
      output += data.toString();
      if (output.includes(READY)) resolve();
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
  });
  const ended = exited.then(() => {
    throw new Error(`millrace ended before it was ready:\n${output}`);
  });
  await Promise.race([ready, ended]);
}
