import type { Pacer } from '@millrace/platform/pacing';
import { EngineError } from '../engine-driver.js';
import type { EngineReplica, GenerateEvent, GenerateRequest } from '../engine-driver.js';
import { fromTransit } from './answer-event.js';
import type { AnswerEvent } from './answer-event.js';
import { AnswerInbox } from './answer-inbox.js';
import { HangWatchdog } from './hang-watchdog.js';
import type { HostMessage, LoadedReplica } from './host-protocol.js';
import type { HostExit, RunningHost } from './running-host.js';

/** What a driver allows its hosts. */
export interface ReplicaLimits {
  /** An engine that gives no sign for this long while it has work is ended. */
  hangTimeoutMs: number;
  /** An answer with so many tokens that nobody has read is paused. */
  maxUnreadTokens: number;
}

/** A loaded host process; routes its answers to their readers. Owns the list of running answers. */
export class ProcessReplica implements EngineReplica {
  readonly slots: number;
  readonly contextLength: number;
  readonly measuredBytes: number;
  readonly pid: number;
  readonly notKept: string | undefined;
  readonly exited: Promise<HostExit>;
  private readonly running = new Map<number, AnswerInbox>();
  /** Ids of running answers that wait for their readers. */
  private readonly paused = new Set<number>();
  private readonly watchdog: HangWatchdog;
  private lastId = 0;
  /** Set once the host is gone or given up; no answer begins after that. */
  private gone: EngineError | undefined;
  private tellGivenUp!: (exit: HostExit) => void;

  constructor(
    private readonly host: RunningHost,
    loaded: LoadedReplica,
    private readonly limits: ReplicaLimits,
  ) {
    this.slots = loaded.slots;
    this.contextLength = loaded.contextLength;
    this.measuredBytes = loaded.measuredBytes;
    this.notKept = loaded.notKept;
    this.pid = host.pid;
    const { hangTimeoutMs } = limits;
    this.watchdog = new HangWatchdog(hangTimeoutMs, () => this.giveUp(hangTimeoutMs));
    host.onMessage((message) => this.receive(message));
    const givenUp = new Promise<HostExit>((resolve) => {
      this.tellGivenUp = resolve;
    });
    const exited = host.exited.then((exit) => {
      this.endAll(new EngineError('engine_crashed', exit.message));
      return exit;
    });
    this.exited = Promise.race([givenUp, exited]);
  }

  async *generate(request: GenerateRequest, signal: AbortSignal, pacer?: Pacer): AsyncGenerator<GenerateEvent> {
    if (this.gone !== undefined) throw this.gone;
    if (signal.aborted) {
      yield { kind: 'finished', reason: 'cancelled', usage: { promptTokens: 0, completionTokens: 0, cachedTokens: 0 } };
      return;
    }
    const id = (this.lastId += 1);
    const { maxUnreadTokens } = this.limits;
    const inbox = new AnswerInbox({ maxUnreadTokens, onFull: (full) => this.pace(id, full) });
    const cancel = (): void => {
      this.host.tell({ type: 'cancel', id });
      this.watchdog.hurry();
    };
    this.running.set(id, inbox);
    this.watch();
    signal.addEventListener('abort', cancel);
    this.host.tell({ type: 'generate', id, request });
    try {
      for (;;) {
        const event = await inbox.next();
        yield event;
        if (event.kind === 'finished') return;
        if (pacer?.idle === false) await inbox.gather(pacer);
      }
    } finally {
      signal.removeEventListener('abort', cancel);
      // A reader that leaves early, like one that aborts, frees the slot.
      if (this.running.has(id)) cancel();
      this.end(id);
    }
  }

  endWithRunner(): void {
    this.host.tell({ type: 'end-with-runner' });
  }

  async stop(): Promise<void> {
    await this.host.stop();
  }

  private receive(message: HostMessage): void {
    this.watchdog.sign();
    switch (message.type) {
      case 'answers':
        for (const event of message.events) this.route(event);
        return;
      case 'load-progress':
      case 'loaded':
      case 'estimated':
      case 'refused':
      case 'adopted':
      case 'busy':
        // Belongs to the load or the adoption, which is over.
        return;
    }
  }

  private route(event: AnswerEvent): void {
    const inbox = this.running.get(event.id);
    if (inbox === undefined) return;
    if (event.kind === 'failed') inbox.fail(new EngineError(event.code, event.message, { param: event.param }));
    else inbox.push(fromTransit(event));
    if (event.kind !== 'chunk') this.end(event.id);
  }

  private end(id: number): void {
    this.running.delete(id);
    this.paused.delete(id);
    this.watch();
  }

  private pace(id: number, full: boolean): void {
    if (!this.running.has(id)) return;
    if (full) this.paused.add(id);
    else this.paused.delete(id);
    this.host.tell({ type: full ? 'pause' : 'resume', id });
    this.watch();
  }

  /** An engine whose answers all wait for their readers owes no sign. */
  private watch(): void {
    if (this.running.size > this.paused.size) this.watchdog.start();
    else this.watchdog.stop();
  }

  private giveUp(hangTimeoutMs: number): void {
    const seconds = Math.round(hangTimeoutMs / 1000);
    const message = `The engine gave no sign within ${String(seconds)} s while it had work; it was ended.`;
    // Before the answers end, so that nobody hands this replica the next attempts of the same jobs.
    this.tellGivenUp({ expected: false, message });
    this.endAll(new EngineError('engine_hung', message));
    this.host.kill();
  }

  private endAll(error: EngineError): void {
    this.gone ??= error;
    for (const inbox of this.running.values()) inbox.fail(this.gone);
    this.running.clear();
    this.paused.clear();
    this.watchdog.stop();
  }
}
