import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CHECKOUT, plainEnvironment } from './run-millrace.js';

/** What dev.json tells, as far as these tests look at it. */
export interface DevFacts {
  baseUrl: string;
  operatorKey: string;
  apiKey: string;
  agentKey: string;
  model: string;
  joinToken: string;
  schedulerUrl: string;
  redisUrl: string;
  databaseUrl: string;
  pids: Record<PartName | 'supervisor', number>;
}

export const PARTS = ['api', 'scheduler', 'runner', 'redis', 'postgres'] as const;
export type PartName = (typeof PARTS)[number];

/** `npm start`, as a person runs it. */
export interface NpmStart {
  readonly home: string;
  output(): string;
  dev(): Promise<DevFacts>;
  /** A signal to npm itself. */
  signal(name: NodeJS.Signals): void;
  /** Resolves with npm's exit code. */
  readonly ended: Promise<number | null>;
}

export interface StartWish {
  home: string;
  environment?: Record<string, string>;
  /** Run as another user. */
  user?: { uid: number; gid: number };
}

/** Runs `npm start` on a port that the system chooses and resolves when it is ready; throws with its output otherwise. */
export async function npmStart({ home, environment = {}, user }: StartWish): Promise<NpmStart> {
  const child = spawn('npm', ['start'], {
    cwd: CHECKOUT,
    env: plainEnvironment({ MILLRACE_HOME: home, PORT: '0', ...environment }),
    stdio: ['ignore', 'pipe', 'pipe'],
    ...user,
  });
  let output = '';
  const hear = (data: Buffer) => (output += data.toString());
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const ended = once(child, 'exit').then(([code]) => code as number | null);
  const gone = ended.then(() => 'ended' as const);
  while (!output.includes('Ctrl-C stops everything')) {
    const heard = await Promise.race([once(child.stdout, 'data'), gone]);
    if (heard === 'ended') throw new Error(`npm start ended:\n${output}`);
  }
  return {
    home,
    ended,
    output: () => output,
    dev: async () => JSON.parse(await readFile(join(home, 'dev.json'), 'utf8')) as DevFacts,
    signal: (name) => child.kill(name),
  };
}
