import type { HostCommand, HostMessage } from './host-protocol.js';

/** How an engine process ended. */
export interface HostExit {
  /** `stop()` came first. */
  expected: boolean;
  message: string;
}

/** An engine process as its driver sees it, whoever started it. */
export interface RunningHost {
  readonly pid: number;
  /** Resolves once, when the process is gone or never began. */
  readonly exited: Promise<HostExit>;
  /** The one listener of everything the host says. */
  onMessage(listener: (message: HostMessage) => void): void;
  /** A host that is gone hears nothing, and `exited` tells of it. */
  tell(command: HostCommand): void;
  /** Ends the process at once. */
  kill(): void;
  /** Asks the process to end at once; by force when that takes more than a second. */
  stop(): Promise<void>;
}

/** Kills a process, which may have ended in this moment. */
export function killIfThere(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

const STOP_GRACE_MS = 1000;

/** What `stop` does, whichever kind of host it is. */
export async function stopHost(host: Pick<RunningHost, 'tell' | 'kill' | 'exited'>): Promise<void> {
  host.tell({ type: 'end' });
  const force = setTimeout(() => host.kill(), STOP_GRACE_MS);
  await host.exited;
  clearTimeout(force);
}
