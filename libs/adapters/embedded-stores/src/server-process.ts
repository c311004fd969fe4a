import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { StoreError } from './store-error.js';
import type { CommandUser } from './run-command.js';

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 5_000;
const REMEMBERED_CHARACTERS = 4_000;

/**
 * Stays beside the server and asks it to stop when file descriptor 3 closes, that is when the process that
 * started it is gone, however it died. `exec` keeps the pid, so the pid of the spawned process is the server's.
 */
const WATCHED = '(read -r _ <&3; kill -s "$0" $$) & exec "$@" 3<&-';

export interface ServerCommand {
  command: string;
  arguments: readonly string[];
  /** Signal that ends the server in order. */
  stopSignal: 'INT' | 'TERM';
  /** Printed by the server once it serves. */
  readyWhen: RegExp;
  cwd: string;
  env: Record<string, string>;
  user?: CommandUser | undefined;
  onOutput?: ((text: string) => void) | undefined;
}

export interface ServerProcess {
  readonly pid: number;
  readonly exited: Promise<{ lastWords: string }>;
  stop(): Promise<void>;
}

/** Starts a server and resolves when it serves. Throws StoreError with its last words when it ends or hangs instead. */
export async function startServer(server: ServerCommand): Promise<ServerProcess> {
  const child = spawn('/bin/sh', ['-c', WATCHED, server.stopSignal, server.command, ...server.arguments], {
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    cwd: server.cwd,
    env: server.env,
    detached: true,
    ...server.user,
  });
  const output = new ServerOutput(child, server.onOutput);
  const exited = whenGone(child).then(() => ({ lastWords: output.lastWords() }));
  await whenServing(server, { child, output, exited });
  const { pid } = child;
  if (pid === undefined) throw new StoreError(`${server.command} could not be started.`);
  return { pid, exited, stop: () => stopServer(child, server.stopSignal, exited) };
}

/** Reads what the server prints, so that its pipes never fill, and remembers the end of it. */
class ServerOutput {
  private text = '';
  private readonly listeners = new Set<() => void>();

  constructor(child: ChildProcess, onOutput: ((text: string) => void) | undefined) {
    const hear = (data: Buffer) => {
      const text = data.toString();
      this.text = (this.text + text).slice(-REMEMBERED_CHARACTERS);
      onOutput?.(text);
      this.listeners.forEach((listener) => listener());
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
  }

  lastWords(): string {
    return this.text.trim().split('\n').slice(-3).join(' | ');
  }

  async said(pattern: RegExp): Promise<void> {
    await new Promise<void>((resolve) => {
      const listener = () => {
        if (!pattern.test(this.text)) return;
        this.listeners.delete(listener);
        resolve();
      };
      this.listeners.add(listener);
      listener();
    });
  }
}

async function whenGone(child: ChildProcess): Promise<void> {
  // A program that cannot be spawned at all emits `error` and no `exit`.
  await once(child, 'exit').catch(() => undefined);
  killGroup(child);
  child.stdio[3]?.destroy();
}

async function whenServing(
  server: ServerCommand,
  started: { child: ChildProcess; output: ServerOutput; exited: Promise<unknown> },
): Promise<void> {
  const { child, output, exited } = started;
  let timer: NodeJS.Timeout | undefined;
  const outcome = await Promise.race([
    output.said(server.readyWhen).then(() => 'serves' as const),
    exited.then(() => 'ended' as const),
    new Promise<'late'>((resolve) => (timer = setTimeout(() => resolve('late'), START_LIMIT_MS))),
  ]);
  clearTimeout(timer);
  if (outcome === 'serves') return;
  if (outcome === 'late') killGroup(child);
  const what = outcome === 'late' ? `did not serve within ${String(START_LIMIT_MS / 1_000)} s` : 'ended at its start';
  throw new StoreError(`${server.command} ${what}: ${output.lastWords() || 'it printed nothing'}.`);
}

async function stopServer(child: ChildProcess, signal: 'INT' | 'TERM', exited: Promise<unknown>): Promise<void> {
  child.kill(`SIG${signal}`);
  const timer = setTimeout(() => killGroup(child), STOP_LIMIT_MS);
  await exited;
  clearTimeout(timer);
}

/** Ends the server and its watcher by force; the group outlives a server that has ended by the watcher only. */
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
