import { once } from 'node:events';
import { createConnection } from 'node:net';
import type { Socket } from 'node:net';
import { EngineError } from '../engine-driver.js';
import { HostLink } from './host-link.js';
import type { HostCommand, HostMessage, LoadedReplica } from './host-protocol.js';
import { endKeptEngine, socketOf } from './kept-engines.js';
import type { KeptEngine } from './kept-engines.js';
import { killIfThere, stopHost } from './running-host.js';
import type { HostExit, RunningHost } from './running-host.js';

/** An engine process that a former process of this runner has started. Its pid is its own as long as the link is up. */
export class AdoptedHost implements RunningHost {
  readonly pid: number;
  readonly exited: Promise<HostExit>;
  private stopping = false;
  private gone = false;

  constructor(
    { pid }: Pick<KeptEngine, 'pid'>,
    private readonly link: HostLink,
  ) {
    this.pid = pid;
    this.exited = link.closed.then(() => {
      this.gone = true;
      if (this.stopping) return { expected: true, message: 'The engine process was stopped.' };
      return { expected: false, message: 'The engine process ended unexpectedly.' };
    });
  }

  onMessage(listener: (message: HostMessage) => void): void {
    this.link.onMessage(listener);
  }

  tell(command: HostCommand): void {
    this.link.tell(command);
  }

  kill(): void {
    if (!this.gone) killIfThere(this.pid);
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await stopHost(this);
  }
}

/**
 * Becomes the runner of an engine process, if it has none. Throws EngineError `load_failed` when it is gone or still
 * belongs to a process that lives, and ends it when it gives no answer at all.
 */
export async function adoptHost(
  kept: KeptEngine,
  limitMs: number,
): Promise<{ host: AdoptedHost; loaded: LoadedReplica }> {
  const link = new HostLink(await connect(socketOf(kept)));
  const answer = await firstWord(link, kept, limitMs);
  if (typeof answer === 'object') return { host: new AdoptedHost(kept, link), loaded: answer };
  link.close();
  if (answer === 'silence') await endKeptEngine(kept);
  throw new EngineError('load_failed', REFUSALS[answer]);
}

const REFUSALS = {
  gone: 'The engine process that was kept has ended.',
  busy: 'The engine process that was kept still belongs to another process of this runner.',
  silence: 'The engine process that was kept gave no answer; it was ended.',
};

/** Resolves when the host belongs to this process, or can not within the limit. */
async function firstWord(
  link: HostLink,
  { token }: KeptEngine,
  limitMs: number,
): Promise<LoadedReplica | keyof typeof REFUSALS> {
  let timer: NodeJS.Timeout | undefined;
  let heard: 'silence' | 'busy' = 'silence';
  const adopted = new Promise<LoadedReplica>((resolve) => {
    link.onMessage((message) => {
      if (message.type === 'busy') heard = 'busy';
      if (message.type === 'adopted') resolve(message.replica);
    });
  });
  const late = new Promise<'silence' | 'busy'>((resolve) => {
    timer = setTimeout(() => resolve(heard), limitMs);
  });
  link.tell({ type: 'adopt', token, runnerPid: process.pid });
  const answer = await Promise.race([adopted, late, link.closed.then(() => 'gone' as const)]);
  clearTimeout(timer);
  return answer;
}

async function connect(path: string): Promise<Socket> {
  const socket = createConnection(path);
  try {
    await once(socket, 'connect');
    return socket;
  } catch (cause) {
    throw new EngineError('load_failed', REFUSALS.gone, { cause });
  }
}
