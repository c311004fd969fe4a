import { EngineError } from '../engine-driver.js';
import type { GenerateRequest } from '../engine-driver.js';
import { toTransit } from './answer-event.js';
import type { HostCommand, HostMessage } from './host-protocol.js';
import type { HostedEngine } from './hosted-engine.js';
import { Outbox } from './outbox.js';
import { ReaderPace } from './reader-pace.js';

type AnswerCommand = Extract<HostCommand, { id: number }>;

/** The answers that one process of the runner asks for. Owns the list of those that run. */
export class HostSession {
  private readonly running = new Map<number, { controller: AbortController; pace: ReaderPace }>();
  private readonly outbox: Outbox;

  constructor(
    private readonly engine: HostedEngine,
    tell: (message: HostMessage) => void,
  ) {
    this.outbox = new Outbox((events) => tell({ type: 'answers', events }));
  }

  obey(command: AnswerCommand): void {
    switch (command.type) {
      case 'generate':
        void this.generate(command.id, command.request);
        return;
      case 'cancel':
        this.cancel(command.id);
        return;
      case 'pause':
        this.running.get(command.id)?.pace.pause();
        return;
      case 'resume':
        this.running.get(command.id)?.pace.resume();
        return;
    }
  }

  /** Nobody reads any more: frees every slot. */
  cancelAll(): void {
    for (const id of this.running.keys()) this.cancel(id);
  }

  private async generate(id: number, request: GenerateRequest): Promise<void> {
    const controller = new AbortController();
    const pace = new ReaderPace();
    this.running.set(id, { controller, pace });
    try {
      await this.engine.generate(request, {
        signal: controller.signal,
        pace,
        emit: (event) => this.outbox.add(toTransit(id, event)),
        onStep: () => this.outbox.showWork(),
      });
    } catch (error) {
      const { code, message, param } = error instanceof EngineError ? error : this.unexpected(error);
      this.outbox.add({ id, kind: 'failed', code, message, ...(param !== undefined && { param }) });
    } finally {
      this.running.delete(id);
    }
  }

  private cancel(id: number): void {
    const answer = this.running.get(id);
    answer?.controller.abort();
    // Whoever waits for the reader finds the signal aborted.
    answer?.pace.resume();
  }

  private unexpected(error: unknown): EngineError {
    return new EngineError('engine_error', this.engine.reason(error, 'failed while generating'));
  }
}
