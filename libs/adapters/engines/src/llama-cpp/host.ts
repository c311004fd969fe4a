import { getLlama, LlamaLogLevel } from 'node-llama-cpp';
import type { Llama } from 'node-llama-cpp';
import { EngineError } from '../engine-driver.js';
import type { GenerateRequest, ReplicaSettings } from '../engine-driver.js';
import { readHeader } from './artifact-header.js';
import { estimateFootprint } from './estimate-footprint.js';
import { generateAnswer } from './generate-answer.js';
import type { LoadedModel } from './generate-answer.js';
import type { HostCommand, HostMessage } from './host-protocol.js';
import { loadModel } from './load-model.js';
import { Outbox } from './outbox.js';
import { plainReason } from './plain-reason.js';

const LOG_LINES_KEPT = 20;
const DRY_RUN_FAILED = /Failed simulating/;

/**
 * The engine process of one replica: forked by the driver, spoken to over IPC, gone as soon as the channel closes.
 * A broken file or a failed assertion of llama.cpp ends this process and nothing else.
 */
class Host {
  private loaded: LoadedModel | undefined;
  private readonly running = new Map<number, AbortController>();
  private readonly outbox = new Outbox((events) => tell({ type: 'answers', events }));
  private readonly logLines: string[] = [];

  async obey(command: HostCommand): Promise<void> {
    switch (command.type) {
      case 'load':
        return this.answerOrRefuse(() => this.load(command.settings));
      case 'estimate':
        return this.answerOrRefuse(() => this.estimate(command.settings));
      case 'generate':
        return this.generate(command.id, command.request);
      case 'cancel':
        this.running.get(command.id)?.abort();
    }
  }

  private async load(settings: ReplicaSettings): Promise<HostMessage> {
    const { loaded, replica } = await loadModel(await this.startLlama(), settings, (progress) =>
      tell({ type: 'load-progress', progress }),
    );
    this.loaded = loaded;
    return { type: 'loaded', replica };
  }

  private async estimate(settings: ReplicaSettings): Promise<HostMessage> {
    const header = await readHeader(settings.artifactPath, await this.startLlama());
    const footprint = await estimateFootprint(settings, header, process.memoryUsage.rss());
    // node-llama-cpp falls back to rough formulas then; a model that cannot be planned cannot be loaded either.
    if (this.logLines.some((line) => DRY_RUN_FAILED.test(line))) throw new Error('the dry run failed');
    return { type: 'estimated', footprint };
  }

  private async answerOrRefuse(work: () => Promise<HostMessage>): Promise<void> {
    try {
      tell(await work());
    } catch (error) {
      const message =
        error instanceof EngineError ? error.message : plainReason(error, this.logLines, 'could not load the model');
      tell({ type: 'refused', message });
    }
  }

  private async generate(id: number, request: GenerateRequest): Promise<void> {
    const controller = new AbortController();
    this.running.set(id, controller);
    try {
      if (this.loaded === undefined) throw new EngineError('engine_error', 'The engine has no model loaded.');
      await generateAnswer(this.loaded, request, {
        signal: controller.signal,
        emit: (event) => this.outbox.add({ id, ...event }),
        onStep: () => this.outbox.showWork(),
      });
    } catch (error) {
      const { code, message } = error instanceof EngineError ? error : unexpected(error, this.logLines);
      this.outbox.add({ id, kind: 'failed', code, message });
    } finally {
      this.running.delete(id);
    }
  }

  private startLlama(): Promise<Llama> {
    return getLlama({
      gpu: false,
      build: 'never',
      skipDownload: true,
      // Contexts set their own number of threads; see chooseThreads.
      maxThreads: 0,
      logLevel: LlamaLogLevel.warn,
      logger: (_level, message) => {
        this.logLines.push(message.trim());
        this.logLines.splice(0, this.logLines.length - LOG_LINES_KEPT);
      },
    });
  }
}

function unexpected(error: unknown, logLines: readonly string[]): EngineError {
  return new EngineError('engine_error', plainReason(error, logLines, 'failed while generating'));
}

function tell(message: HostMessage): void {
  process.send?.(message);
}

/** Ends at once, also while another thread decodes: nothing here needs to be saved. */
function end(): void {
  process.kill(process.pid, 'SIGKILL');
}

process.title = 'millrace-engine';
const host = new Host();
process.on('message', (command: HostCommand) => void host.obey(command));
process.on('disconnect', end);
// Ctrl-C reaches the whole terminal group; the runner decides when this process ends.
process.on('SIGINT', () => undefined);
