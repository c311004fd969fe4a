import { randomInt } from 'node:crypto';
import { TokenBias } from 'node-llama-cpp';
import type { LlamaModel, SequenceEvaluateOptions, Token } from 'node-llama-cpp';
import { EngineError } from '../engine-driver.js';
import type { Sampling } from '../engine-driver.js';
import { setBias } from './native-bindings.js';
import { ALONE } from './share-batch.js';

/** llama.cpp reads the largest 32-bit number as "any seed", so seeds stay below it. */
const SEEDS = 2 ** 32 - 1;

/**
 * The engine's sampling options; filters that OpenAI does not have are off.
 * `answered` gives all ids of the answer so far, those of earlier attempts included.
 * Throws EngineError `invalid_request` for a bias of a token that the model does not have.
 */
export function samplingOptions(
  sampling: Sampling,
  model: LlamaModel,
  answered: () => Token[],
): SequenceEvaluateOptions {
  const { temperature, topP, seed, presencePenalty = 0, frequencyPenalty = 0, logitBias } = sampling;
  return {
    temperature,
    topP,
    topK: 0,
    minP: 0,
    seed: seed === undefined ? randomInt(SEEDS) : engineSeed(seed),
    yieldEogToken: true,
    ...(mustReproduce(sampling) && { evaluationPriority: ALONE }),
    ...((presencePenalty !== 0 || frequencyPenalty !== 0) && {
      repeatPenalty: {
        // The engine's own penalty is a factor; 1 leaves OpenAI's two, which are taken off the logits.
        penalty: 1,
        presencePenalty,
        frequencyPenalty,
        punishTokens: answered,
        maxPunishTokens: model.trainContextSize,
      },
    }),
    ...(logitBias !== undefined && { tokenBias: tokenBias(logitBias, model) }),
  };
}

/** Whether the caller relies on the same text for the same request: greedy answers do not need help with it. */
export function mustReproduce(sampling: Sampling): boolean {
  return sampling.seed !== undefined && sampling.temperature > 0;
}

/** Any integer, negative or large, as one of the engine's seeds. */
export function engineSeed(seed: number): number {
  return ((seed % SEEDS) + SEEDS) % SEEDS;
}

function tokenBias(logitBias: Readonly<Record<number, number>>, model: LlamaModel): TokenBias {
  const bias = TokenBias.for(model);
  const { length } = model.fileInfo.metadata.tokenizer.ggml.tokens;
  for (const [key, logit] of Object.entries(logitBias)) {
    const id = Number(key);
    if (!Number.isInteger(id) || id < 0 || id >= length) {
      throw new EngineError(
        'invalid_request',
        `logit_bias names the token ${key}; the tokens of this model are numbered from 0 to ${String(length - 1)}.`,
        { param: 'logit_bias' },
      );
    }
    setBias(bias, id as Token, logit);
  }
  return bias;
}
