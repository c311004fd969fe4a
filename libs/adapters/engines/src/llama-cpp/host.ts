import { getLlama, LlamaLogLevel } from 'node-llama-cpp';
import type { Llama } from 'node-llama-cpp';
import { EngineError } from '../engine-driver.js';
import type { FootprintBreakdown, GenerateRequest, ReplicaSettings } from '../engine-driver.js';
import type { LoadedReplica } from '../engine-host/host-protocol.js';
import type { AnswerControl, EngineFailure, HostedEngine } from '../engine-host/hosted-engine.js';
import { runHost } from '../engine-host/run-host.js';
import { readHeader, type ArtifactHeader } from './artifact-header.js';
import { computeFootprint, estimateFootprint, type EstimatedBytes } from './estimate-footprint.js';
import { generateAnswer } from './generate-answer.js';
import type { LoadedModel } from './generate-answer.js';
import { loadModel } from './load-model.js';
import { plainReason } from './plain-reason.js';

const LOG_LINES_KEPT = 20;
const DRY_RUN_FAILED = /Failed simulating/;
/** What llama.cpp cannot open for a plan, it cannot load either. */
const CANNOT_BE_LOADED = /error loading model|failed to load model/i;

/** llama.cpp in the process of one replica. */
class LlamaCpp implements HostedEngine {
  private loaded: LoadedModel | undefined;
  private readonly logLines: string[] = [];

  async load(settings: ReplicaSettings, onProgress: (progress: number) => void): Promise<LoadedReplica> {
    const { loaded, replica } = await loadModel(await this.startLlama(), settings, onProgress);
    this.loaded = loaded;
    return replica;
  }

  async estimate(settings: ReplicaSettings): Promise<FootprintBreakdown> {
    const llama = await this.startLlama();
    const header = await readHeader(settings.artifactPath, llama);
    return { ...(await this.estimateBytes(settings, header)), engineVersion: llama.llamaCppRelease.release };
  }

  private async estimateBytes(settings: ReplicaSettings, header: ArtifactHeader): Promise<EstimatedBytes> {
    const processBytes = process.memoryUsage.rss();
    const footprint = await estimateFootprint(settings, header, processBytes);
    // node-llama-cpp falls back to rough formulas of its own then.
    if (!this.logLines.some((line) => DRY_RUN_FAILED.test(line))) return footprint;
    if (this.logLines.some((line) => CANNOT_BE_LOADED.test(line))) throw new Error('the dry run failed');
    return computeFootprint(settings, header, processBytes);
  }

  async generate(request: GenerateRequest, control: AnswerControl): Promise<void> {
    if (this.loaded === undefined) throw new EngineError('engine_error', 'The engine has no model loaded.');
    await generateAnswer(this.loaded, request, control);
  }

  reason(error: unknown, failure: EngineFailure): string {
    return plainReason(error, this.logLines, failure);
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

runHost(new LlamaCpp());
