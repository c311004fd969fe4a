import type { Llama, LlamaContext, LlamaModel } from 'node-llama-cpp';
import type { ReplicaSettings } from '../engine-driver.js';
import { readHeader } from './artifact-header.js';
import type { ArtifactHeader } from './artifact-header.js';
import { chooseCapacity } from './choose-capacity.js';
import { chooseThreads } from './choose-threads.js';
import { readEngineOptions } from './engine-options.js';
import { outputBytes } from './estimate-footprint.js';
import type { LoadedModel } from './generate-answer.js';
import type { LoadedReplica } from '../engine-host/host-protocol.js';
import { giveStepOdds } from './native-bindings.js';
import { PromptRenderer } from './render-prompt.js';
import { shareBatch } from './share-batch.js';
import { SlotPool } from './slot-pool.js';
import { tokenBytes } from './token-bytes.js';
import { detokenizer } from './tool-marks.js';

/**
 * Loads weights and context into this process.
 * Measured bytes are what the process held before (code, heap, vocabulary) plus llama.cpp's own account of its buffers.
 * The resident size after the load would miss cache pages not yet touched and count the mapped file as it is read.
 */
export async function loadModel(
  llama: Llama,
  settings: ReplicaSettings,
  onProgress: (progress: number) => void,
): Promise<{ loaded: LoadedModel; replica: LoadedReplica }> {
  const options = readEngineOptions(settings.engineOptions);
  const header = await readHeader(settings.artifactPath, llama);
  const { contextLength, slots } = chooseCapacity(settings, header);
  const processBytes = process.memoryUsage.rss();
  const model = await llama.loadModel({ modelPath: settings.artifactPath, onLoadProgress: onProgress });
  const threads = await chooseThreads(model, options.threads);
  const context = await model.createContext({
    contextSize: contextLength,
    sequences: slots,
    batchSize: options.batchSize,
    threads,
    failedCreationRemedy: false,
    batching: { itemPrioritizationStrategy: shareBatch },
  });
  giveStepOdds(context, model);
  const measuredBytes = processBytes + engineBytes(model, context) + outputBytes(header, slots);
  return {
    loaded: {
      model,
      slots: new SlotPool(context),
      prompts: new PromptRenderer(promptTemplate(model, header)),
      detokenize: detokenizer(model),
      bytes: tokenBytes(model),
      contextLength,
    },
    replica: { slots, contextLength, measuredBytes },
  };
}

function engineBytes(model: LlamaModel, context: LlamaContext): number {
  return model.memoryUsage.ram + context.memoryUsage.ram;
}

function promptTemplate(model: LlamaModel, header: ArtifactHeader): ConstructorParameters<typeof PromptRenderer>[0] {
  return {
    template: header.file.metadata.tokenizer.chat_template,
    beginOfText: model.tokens.bosString ?? '',
    endOfText: model.tokens.eosString ?? '',
  };
}
