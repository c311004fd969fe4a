import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { ModelReport, SupervisedMessage, SupervisorMessage } from '@millrace/platform/lifecycle';
import { BEAT_MS, SignsOfLife, SILENCE_MS } from './signs-of-life.js';
import { StartError } from './start-error.js';
import type { LogFile } from './log-files.js';
import type { RunningPart } from './supervised-part.js';

const START_LIMIT_MS = 60_000;
/** The process itself gives up after 5 s, 2 s behind its grace; this is for one that hangs. */
const STOP_LIMIT_MS = 5_500;

/** An api, scheduler or runner that has said it serves. */
export interface NodeProcess extends RunningPart {
  /** Where it serves, in its own words. */
  readonly address: string | undefined;
  /** host:port of its /livez, /readyz and /metrics, when they have a port of their own. */
  readonly healthAddress: string | undefined;
}

export interface NodeProgram {
  name: string;
  /** Path of its main.js. */
  program: string;
  environment: NodeJS.ProcessEnv;
  log: LogFile;
  logPath: string;
  /** Hears how the model's replica comes along. */
  onModel?: (report: ModelReport) => void;
}

/** Starts a process and resolves when it serves; from then on it is killed when it freezes. Throws StartError with its reason when it ends or hangs instead. */
export async function startNodeProcess(program: NodeProgram, signal: AbortSignal): Promise<NodeProcess> {
  const child = spawn(process.execPath, ['--enable-source-maps', program.program], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    env: program.environment,
    // A group of its own: Ctrl-C in a terminal reaches the supervisor only, which stops all in order.
    detached: true,
  });
  child.stdout?.on('data', (data: Buffer) => program.log(data));
  child.stderr?.on('data', (data: Buffer) => program.log(data));
  const exited = once(child, 'exit').catch((error: unknown) => [error]);
  const giveUp = () => killGroup(child);
  signal.addEventListener('abort', giveUp);
  const where = await whenServing(child, program, exited);
  signal.removeEventListener('abort', giveUp);
  if (child.pid === undefined) throw new StartError(`The ${program.name} could not be started.`);
  return {
    pid: child.pid,
    exited,
    ...where,
    killedBecause: killWhenFrozen(child, exited),
    stop: () => stopProcess(child, exited),
  };
}

async function whenServing(
  child: ChildProcess,
  program: NodeProgram,
  exited: Promise<unknown[]>,
): Promise<Pick<NodeProcess, 'address' | 'healthAddress'>> {
  let fatal: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  const ready = new Promise<Pick<NodeProcess, 'address' | 'healthAddress'>>((resolve) => {
    child.on('message', (message: SupervisedMessage) => {
      if (message.type === 'ready') resolve({ address: message.address, healthAddress: message.healthAddress });
      if (message.type === 'fatal') fatal = message.message;
      if (isModelReport(message)) program.onModel?.(message);
    });
  });
  const outcome = await Promise.race([
    ready,
    exited.then(([code]) => `it ended with ${String(code)}`),
    new Promise<string>((resolve) => {
      timer = setTimeout(() => resolve(`it was not ready within ${String(START_LIMIT_MS / 1_000)} s`), START_LIMIT_MS);
    }),
  ]);
  clearTimeout(timer);
  if (typeof outcome === 'object') return outcome;
  killGroup(child);
  throw new StartError(`The ${program.name} could not start: ${fatal ?? outcome} (log: ${program.logPath})`);
}

function isModelReport(message: SupervisedMessage): message is ModelReport {
  return message.type === 'replica' || message.type === 'unplaced' || message.type === 'download';
}

/** Asks the process for signs of life until it is gone, and kills it when it gives none; the result tells why. A runner's engines go on with its next process. */
function killWhenFrozen(child: ChildProcess, exited: Promise<unknown>): () => string | undefined {
  let reason: string | undefined;
  const signs = new SignsOfLife(performance.now());
  child.on('message', ({ type }: SupervisedMessage) => {
    if (type === 'pong') signs.heard();
  });
  const ping: SupervisorMessage = { type: 'ping' };
  const beats = setInterval(() => {
    if (signs.beat(performance.now()) === 'ask') {
      // A process that has just gone is noticed by its exit, not here.
      child.send(ping, () => undefined);
      return;
    }
    reason = `it gave no sign for ${String(SILENCE_MS / 1_000)} s`;
    child.kill('SIGKILL');
  }, BEAT_MS);
  void exited.then(() => clearInterval(beats));
  return () => reason;
}

async function stopProcess(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  child.kill('SIGTERM');
  const timer = setTimeout(() => killGroup(child), STOP_LIMIT_MS);
  await exited;
  clearTimeout(timer);
  // Engine processes live in the group of their runner; none of them may outlive it.
  killGroup(child);
}

/** The process and what it started. */
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
