import type { ReplicaSettings } from '../engine-driver.js';

/** Tokens a slot holds when the settings leave it open, as long as the model was trained for them. */
const DEFAULT_CONTEXT_LENGTH = 4096;
const SMALL_MODEL_BYTES = 2 * 1024 ** 3;
const SLOTS_OF_SMALL_MODEL = 8;
const SLOTS_OF_LARGE_MODEL = 4;

/** What the artifact's header says. */
export interface ArtifactFacts {
  trainedContextLength: number;
  weightsBytes: number;
}

/** Tokens each slot holds, and how many slots there are. */
export interface Capacity {
  contextLength: number;
  slots: number;
}

/**
 * The capacity of a replica; the estimate and the load ask the same function.
 * A context beyond the trained one costs memory and gives nonsense, so it is capped there.
 */
export function chooseCapacity(settings: ReplicaSettings, facts: ArtifactFacts): Capacity {
  return {
    contextLength: Math.min(settings.contextLength ?? DEFAULT_CONTEXT_LENGTH, facts.trainedContextLength),
    slots: settings.slots ?? (facts.weightsBytes <= SMALL_MODEL_BYTES ? SLOTS_OF_SMALL_MODEL : SLOTS_OF_LARGE_MODEL),
  };
}
