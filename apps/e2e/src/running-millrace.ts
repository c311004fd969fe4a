import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import getPort from 'get-port';
import { z } from 'zod';
import { CHECKOUT, plainEnvironment } from './run-millrace.js';

const devJsonSchema = z.object({
  baseUrl: z.string(),
  operatorKey: z.string(),
  apiKey: z.string(),
  model: z.string(),
  joinToken: z.string(),
  schedulerUrl: z.string(),
  redisUrl: z.string(),
  databaseUrl: z.string(),
  pids: z.object({
    supervisor: z.number(),
    api: z.number(),
    scheduler: z.number(),
    runner: z.number(),
    redis: z.number(),
    postgres: z.number(),
  }),
});

/** What `npm start` writes down for programs; see the public contract. */
export type DevJson = z.infer<typeof devJsonSchema>;

/** A millrace that was started as a user starts it. */
export interface RunningMillrace {
  readonly home: string;
  readonly supervisor: ChildProcess;
  /** Reads dev.json afresh: pids change when a child is restarted. */
  devJson(): Promise<DevJson>;
  /** Everything printed so far. */
  output(): string;
  /** SIGTERM, and waits until the supervisor has ended; removes the home. */
  stop(): Promise<void>;
}

/** Runs `./millrace up` in a home of its own and resolves when it says that it is ready. Throws with its output otherwise. */
export async function startMillrace(environment: Record<string, string> = {}): Promise<RunningMillrace> {
  const home = await mkdtemp(join(tmpdir(), 'millrace-e2e-'));
  const port = String(await getPort({ host: '127.0.0.1' }));
  const supervisor = spawn(join(CHECKOUT, 'millrace'), ['up'], {
    cwd: CHECKOUT,
    env: plainEnvironment({ MILLRACE_HOME: home, PORT: port, ...environment }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  const collect = (data: Buffer): void => {
    printed += data.toString();
  };
  supervisor.stdout.on('data', collect);
  supervisor.stderr.on('data', collect);
  const stop = async (): Promise<void> => {
    if (supervisor.exitCode === null && supervisor.signalCode === null) {
      supervisor.kill('SIGTERM');
      await once(supervisor, 'exit');
    }
    await rm(home, { recursive: true, force: true });
  };
  while (!printed.includes('curl ')) {
    const ended = supervisor.exitCode !== null || supervisor.signalCode !== null;
    if (ended) throw new Error(`millrace did not start:\n${printed}`);
    await Promise.race([once(supervisor.stdout, 'data'), once(supervisor, 'exit')]);
  }
  const devJson = async (): Promise<DevJson> =>
    devJsonSchema.parse(JSON.parse(await readFile(join(home, 'dev.json'), 'utf8')));
  return { home, supervisor, devJson, output: () => printed, stop };
}
