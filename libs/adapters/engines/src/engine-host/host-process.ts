import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { HostLink } from './host-link.js';
import type { HostCommand, HostMessage } from './host-protocol.js';
import { RUNNER_FD } from './host-protocol.js';
import { stopHost } from './running-host.js';
import type { HostExit, RunningHost } from './running-host.js';
import { withoutPaths } from './without-paths.js';

const STDERR_KEPT = 4096;

/** An engine process that this process has started. The two ends of a socket connect them from the first moment on. */
export class HostProcess implements RunningHost {
  readonly pid: number;
  readonly exited: Promise<HostExit>;
  private readonly child: ChildProcess;
  private readonly link: HostLink;
  private stopping = false;
  private stderrTail = '';

  constructor(hostPath: string) {
    // Native code reads foreign files in there, so it gets none of this process's environment with its secrets.
    this.child = spawn(process.execPath, [hostPath], { env: {}, stdio: ['ignore', 'ignore', 'pipe', 'pipe'] });
    this.pid = this.child.pid ?? 0;
    this.link = new HostLink(this.child.stdio[RUNNER_FD] as Socket);
    this.child.stderr?.setEncoding('utf8');
    this.child.stderr?.on('data', (text: string) => {
      this.stderrTail = (this.stderrTail + text).slice(-STDERR_KEPT);
    });
    this.exited = this.end();
  }

  onMessage(listener: (message: HostMessage) => void): void {
    this.link.onMessage(listener);
  }

  tell(command: HostCommand): void {
    this.link.tell(command);
  }

  kill(): void {
    this.child.kill('SIGKILL');
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await stopHost(this);
  }

  /** Resolves when the process has ended and all it said was heard. */
  private async end(): Promise<HostExit> {
    const how = await new Promise<string>((resolve) => {
      this.child.on('error', (error) => resolve(error.message));
      // Behind 'exit': every pipe of the process is closed.
      this.child.on('close', (code, signal) => resolve(signal ?? `code ${String(code)}`));
    });
    this.link.close();
    await this.link.closed;
    return this.exit(how);
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
