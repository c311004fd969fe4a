import { EngineError } from '../engine-driver.js';
import type {
  Continuation,
  EngineDriver,
  EngineReplica,
  FootprintBreakdown,
  ReplicaSettings,
} from '../engine-driver.js';
import { adoptHost } from './adopted-host.js';
import { HostProcess } from './host-process.js';
import type { HostCommand, HostMessage, LoadedReplica } from './host-protocol.js';
import { forgetEngine } from './kept-engines.js';
import type { KeptEngine } from './kept-engines.js';
import { ProcessReplica } from './process-replica.js';
import type { RunningHost } from './running-host.js';

const DEFAULT_HANG_TIMEOUT_MS = 60_000;
const DEFAULT_MAX_UNREAD_TOKENS = 256;
/** Longer than an engine is busy with one step. */
const DEFAULT_ADOPT_LIMIT_MS = 10_000;

export interface ProcessDriverOptions {
  /** An engine that gives no sign for this long while it has work is ended. 60 s when left out. */
  hangTimeoutMs?: number;
  /** An answer with so many tokens that nobody has read is paused. 256 when left out. */
  maxUnreadTokens?: number;
  /** How long a kept engine may take until it belongs to this process. 10 s when left out. */
  adoptLimitMs?: number;
}

/** What tells one engine in a child process from another. */
export interface EngineProgram {
  engine: string;
  continuation: Continuation;
  /** Compiled entry of the engine process; it calls `runHost`. */
  hostPath: () => string;
  /** Refuses settings that need no process to be judged. Throws EngineError `load_failed`. */
  checkSettings: (settings: ReplicaSettings) => void;
}

/** Runs an engine in one child process for each replica, so a crash takes one replica only. */
export class ProcessDriver implements EngineDriver {
  readonly engine: string;
  readonly continuation: Continuation;

  constructor(
    private readonly program: EngineProgram,
    private readonly options: ProcessDriverOptions,
  ) {
    this.engine = program.engine;
    this.continuation = program.continuation;
  }

  async estimate(settings: ReplicaSettings): Promise<FootprintBreakdown> {
    this.program.checkSettings(settings);
    const host = this.startHost();
    try {
      const answer = await ask(host, { type: 'estimate', settings });
      if (answer.type === 'estimated') return answer.footprint;
      throw unexpectedAnswer(answer);
    } finally {
      await host.stop();
    }
  }

  async load(
    settings: ReplicaSettings,
    onProgress: (progress: number) => void,
    signal: AbortSignal,
  ): Promise<EngineReplica> {
    this.program.checkSettings(settings);
    signal.throwIfAborted();
    const host = this.startHost();
    const abort = (): void => host.kill();
    signal.addEventListener('abort', abort);
    try {
      const answer = await ask(host, { type: 'load', engine: this.engine, settings }, onProgress);
      if (answer.type !== 'loaded') throw unexpectedAnswer(answer);
      signal.throwIfAborted();
      return this.replicaOn(host, answer.replica, settings.keep?.folder);
    } catch (error) {
      await host.stop();
      signal.throwIfAborted();
      throw error;
    } finally {
      signal.removeEventListener('abort', abort);
    }
  }

  async adopt(kept: KeptEngine): Promise<EngineReplica> {
    const { host, loaded } = await adoptHost(kept, this.options.adoptLimitMs ?? DEFAULT_ADOPT_LIMIT_MS);
    return this.replicaOn(host, loaded, kept.folder);
  }

  /** `folder`: where a host that has crashed may have left something. */
  private replicaOn(host: RunningHost, loaded: LoadedReplica, folder: string | undefined): EngineReplica {
    const { hangTimeoutMs = DEFAULT_HANG_TIMEOUT_MS, maxUnreadTokens = DEFAULT_MAX_UNREAD_TOKENS } = this.options;
    if (folder !== undefined) void host.exited.then(() => forgetEngine({ folder, pid: host.pid }));
    return new ProcessReplica(host, loaded, { hangTimeoutMs, maxUnreadTokens });
  }

  private startHost(): HostProcess {
    return new HostProcess(this.program.hostPath());
  }
}

/** One command and its answer. Throws EngineError `load_failed` when the host refuses or dies. */
async function ask(
  host: HostProcess,
  command: HostCommand,
  onProgress: (progress: number) => void = () => undefined,
): Promise<HostMessage> {
  const answered = new Promise<HostMessage>((resolve) => {
    host.onMessage((message) => (message.type === 'load-progress' ? onProgress(message.progress) : resolve(message)));
  });
  host.tell(command);
  const answer = await Promise.race([answered, host.exited]);
  if (!('type' in answer)) throw new EngineError('load_failed', answer.message);
  if (answer.type === 'refused') throw new EngineError('load_failed', answer.message);
  return answer;
}

function unexpectedAnswer(answer: HostMessage): EngineError {
  return new EngineError('engine_error', `The engine process answered "${answer.type}" to another question.`);
}
