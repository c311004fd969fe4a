import { randomInt } from 'node:crypto';
import type { SequenceEvaluateOptions } from 'node-llama-cpp';
import type { GenerateRequest } from '../engine-driver.js';
import { ALONE } from './share-batch.js';

/** llama.cpp reads the largest 32-bit number as "any seed", so seeds stay below it. */
const SEEDS = 2 ** 32 - 1;

/** The engine's sampling options; filters that OpenAI does not have are off. */
export function samplingOptions(sampling: GenerateRequest['sampling']): SequenceEvaluateOptions {
  return {
    temperature: sampling.temperature,
    topP: sampling.topP,
    topK: 0,
    minP: 0,
    seed: sampling.seed === undefined ? randomInt(SEEDS) : engineSeed(sampling.seed),
    yieldEogToken: true,
    ...(mustReproduce(sampling) && { evaluationPriority: ALONE }),
  };
}

/** Whether the caller relies on the same text for the same request: greedy answers do not need help with it. */
export function mustReproduce(sampling: GenerateRequest['sampling']): boolean {
  return sampling.seed !== undefined && sampling.temperature > 0;
}

/** Any integer, negative or large, as one of the engine's seeds. */
export function engineSeed(seed: number): number {
  return ((seed % SEEDS) + SEEDS) % SEEDS;
}
