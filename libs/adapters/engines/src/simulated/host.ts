import { setTimeout as delay } from 'node:timers/promises';
import { EngineError } from '../engine-driver.js';
import type { FootprintBreakdown, GenerateRequest, ReplicaSettings } from '../engine-driver.js';
import type { LoadedReplica } from '../engine-host/host-protocol.js';
import type { AnswerControl, HostedEngine } from '../engine-host/hosted-engine.js';
import { runHost } from '../engine-host/run-host.js';
import { readSimulatedOptions, simulatedFootprint } from './simulated-options.js';
import { SimulatedModel } from './simulated-model.js';

const LOAD_STEPS = 10;

/** The simulation of an engine in the process of one replica. */
class Simulated implements HostedEngine {
  private loaded: SimulatedModel | undefined;

  async load(settings: ReplicaSettings, onProgress: (progress: number) => void): Promise<LoadedReplica> {
    const options = readSimulatedOptions(settings);
    for (let step = 1; step <= LOAD_STEPS; step += 1) {
      await delay(options.loadMs / LOAD_STEPS);
      onProgress(step / LOAD_STEPS);
    }
    if (options.loadFailure !== undefined) throw new EngineError('load_failed', options.loadFailure);
    const footprint = simulatedFootprint(settings, options);
    const { contextLength, slots, weightsBytes, kvBytes, computeBytes, overheadBytes } = footprint;
    this.loaded = new SimulatedModel(options, { contextLength, slots });
    return { slots, contextLength, measuredBytes: weightsBytes + kvBytes + computeBytes + overheadBytes };
  }

  async estimate(settings: ReplicaSettings): Promise<FootprintBreakdown> {
    return simulatedFootprint(settings, readSimulatedOptions(settings));
  }

  async generate(request: GenerateRequest, control: AnswerControl): Promise<void> {
    if (this.loaded === undefined) throw new EngineError('engine_error', 'The engine has no model loaded.');
    await this.loaded.generate(request, control);
  }

  reason(error: unknown): string {
    return `The simulated engine failed: ${error instanceof Error ? error.message : String(error)}.`;
  }
}

runHost(new Simulated());
