import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { HostCommand, HostMessage } from './host-protocol.js';
import { withoutPaths } from './without-paths.js';

const STDERR_KEPT = 4096;
const STOP_GRACE_MS = 1000;

/** How an engine process ended. */
export interface HostExit {
  /** `stop()` came first. */
  expected: boolean;
  message: string;
}

/** One forked engine process, as seen by its driver. It ends when this process does: its IPC channel closes then. */
export class HostProcess {
  readonly pid: number;
  /** Resolves once, when the process is gone or never began. */
  readonly exited: Promise<HostExit>;
  private readonly child: ChildProcess;
  private listener: (message: HostMessage) => void = () => undefined;
  private stopping = false;
  private commands: HostCommand[] = [];
  private stderrTail = '';

  constructor(hostPath: string) {
    // Native code reads foreign files in there, so it gets none of this process's environment with its secrets.
    this.child = fork(hostPath, [], { env: {}, execArgv: [], stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    this.pid = this.child.pid ?? 0;
    this.child.stderr?.setEncoding('utf8');
    this.child.stderr?.on('data', (text: string) => {
      this.stderrTail = (this.stderrTail + text).slice(-STDERR_KEPT);
    });
    this.child.on('message', (message: HostMessage) => this.listener(message));
    this.exited = new Promise((resolve) => {
      this.child.on('error', (error) => resolve(this.exit(error.message)));
      // Node may leave out 'close' after a disconnect, so the end of stderr is awaited here.
      this.child.on('exit', (code, signal) => {
        const settle = (): void => resolve(this.exit(signal ?? `code ${String(code)}`));
        if (this.child.stderr === null || this.child.stderr.closed) settle();
        else this.child.stderr.once('close', settle);
      });
    });
  }

  /** The one listener of everything the host says. */
  onMessage(listener: (message: HostMessage) => void): void {
    this.listener = listener;
  }

  /**
   * Says something to the host, all of one turn together: a burst of answers begins with a few writes.
   * A host that is gone hears nothing, and `exited` tells of it.
   */
  tell(command: HostCommand): void {
    this.commands.push(command);
    if (this.commands.length > 1) return;
    setImmediate(() => {
      const commands = this.commands;
      this.commands = [];
      if (this.child.connected) this.child.send(commands, () => undefined);
    });
  }

  /** Ends the process at once. */
  kill(): void {
    this.child.kill('SIGKILL');
  }

  /** Closes the channel, which ends the process at once; by force when that takes more than a second. */
  async stop(): Promise<void> {
    this.stopping = true;
    if (this.child.connected) this.child.disconnect();
    const force = setTimeout(() => this.kill(), STOP_GRACE_MS);
    await this.exited;
    clearTimeout(force);
  }

  private exit(how: string): HostExit {
    if (this.stopping) return { expected: true, message: 'The engine process was stopped.' };
    const lastLine = withoutPaths(this.stderrTail.trim().split('\n').at(-1) ?? '');
    const reason = lastLine === '' ? '' : `: ${lastLine}`;
    return { expected: false, message: `The engine process ended unexpectedly (${how})${reason}.` };
  }
}

/**
 * The compiled entry of an engine's process, in the engine's folder beside this one; in `dist/` when this file runs from
 * its sources (under jest). Throws when nothing was built.
 */
export function compiledHost(engineFolder: string, here = import.meta.url): string {
  const path = here.endsWith('.ts')
    ? fileURLToPath(new URL(`../../../../../dist/libs/adapters/engines/src/${engineFolder}/host.js`, here))
    : fileURLToPath(new URL(`../${engineFolder}/host.js`, here));
  if (existsSync(path)) return path;
  throw new Error('The engine host is not compiled; run `node tools/build.mjs` first.');
}
