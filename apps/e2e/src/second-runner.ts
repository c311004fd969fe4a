import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { eventually } from './eventually.js';
import type { DevFacts } from './npm-start.js';
import { CHECKOUT, plainEnvironment } from './run-millrace.js';
import { query } from './stored-rows.js';

const READY_WITHIN_MS = 60_000;

/** `./millrace serve runner` beside the runner of `npm start`; a dead one is started again when the test says so. */
export class SecondRunner {
  private child: ChildProcess | undefined;

  constructor(
    private readonly home: string,
    private readonly dev: DevFacts,
  ) {}

  get pid(): number {
    return this.child?.pid ?? 0;
  }

  start(): void {
    const { joinToken, schedulerUrl } = this.dev;
    this.child = spawn(join(CHECKOUT, 'millrace'), ['serve', 'runner'], {
      cwd: CHECKOUT,
      env: plainEnvironment({
        MILLRACE_HOME: this.home,
        MILLRACE_RUNNER_NAME: 'second',
        MILLRACE_SCHEDULER_URL: schedulerUrl,
        MILLRACE_JOIN_TOKEN: joinToken,
        MILLRACE_CACHE: join(this.home, 'second-artifacts'),
      }),
      stdio: 'ignore',
    });
  }

  /** Starts it again if it has died. */
  keep(): void {
    if (this.child?.exitCode !== null || this.child.signalCode !== null) this.start();
  }

  async stop(): Promise<void> {
    if (this.child === undefined) return;
    const ended = once(this.child, 'exit');
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGTERM');
    await ended;
  }
}

/** Waits until so many replicas have been reported as ready from now on. */
export async function replicasReady(databaseUrl: string, count: number): Promise<void> {
  const [since] = await query<{ at: string }>(databaseUrl, 'SELECT now()::text AS at');
  await eventually(`${String(count)} replicas are ready`, READY_WITHIN_MS, async () => {
    const rows = await query(
      databaseUrl,
      `SELECT 1 FROM replicas WHERE state = 'ready' AND observed_at > '${since?.at ?? ''}'`,
    );
    return rows.length === count ? true : undefined;
  });
}
