import { EngineError } from '../engine-driver.js';
import type { GenerateRequest } from '../engine-driver.js';
import { toTransit } from './answer-event.js';
import type { HostCommand, HostMessage } from './host-protocol.js';
import type { HostedEngine } from './hosted-engine.js';
import { Outbox } from './outbox.js';
import { ReaderPace } from './reader-pace.js';

/**
 * Makes this process the host of an engine: forked by the driver, spoken to over IPC, gone as soon as the channel
 * closes. A broken file or a failed assertion of the engine ends this process and nothing else.
 */
export function runHost(engine: HostedEngine): void {
  process.title = 'millrace-engine';
  const host = new Host(engine);
  process.on('message', (commands: HostCommand[]) => {
    for (const command of commands) void host.obey(command);
  });
  process.on('disconnect', end);
  // Ctrl-C reaches the whole terminal group; the runner decides when this process ends.
  process.on('SIGINT', () => undefined);
}

/** Obeys the driver. Owns the list of answers that run. */
class Host {
  private readonly running = new Map<number, { controller: AbortController; pace: ReaderPace }>();
  private readonly outbox = new Outbox((events) => tell({ type: 'answers', events }));

  constructor(private readonly engine: HostedEngine) {}

  async obey(command: HostCommand): Promise<void> {
    switch (command.type) {
      case 'load':
        return this.answerOrRefuse(async () => {
          const onProgress = (progress: number): void => tell({ type: 'load-progress', progress });
          return { type: 'loaded', replica: await this.engine.load(command.settings, onProgress) };
        });
      case 'estimate':
        return this.answerOrRefuse(async () => {
          return { type: 'estimated', footprint: await this.engine.estimate(command.settings) };
        });
      case 'generate':
        return this.generate(command.id, command.request);
      case 'cancel':
        return this.cancel(command.id);
      case 'pause':
        return this.running.get(command.id)?.pace.pause();
      case 'resume':
        return this.running.get(command.id)?.pace.resume();
    }
  }

  private async answerOrRefuse(work: () => Promise<HostMessage>): Promise<void> {
    try {
      tell(await work());
    } catch (error) {
      const message =
        error instanceof EngineError ? error.message : this.engine.reason(error, 'could not load the model');
      tell({ type: 'refused', message });
    }
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

function tell(message: HostMessage): void {
  process.send?.(message);
}

/** Ends at once, also while another thread decodes: nothing here needs to be saved. */
function end(): void {
  process.kill(process.pid, 'SIGKILL');
}
