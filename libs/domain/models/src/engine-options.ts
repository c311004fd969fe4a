import type { z } from 'zod';
import { llamaCppOptionsSchema } from './llama-cpp-options.js';
import { simulatedOptionsSchema } from './simulated-options.js';

/** The engines that runners bring, each with what the `engineOptions` of its models may say. */
const optionsByEngine = { 'llama-cpp': llamaCppOptionsSchema, simulated: simulatedOptionsSchema } as const;

export type EngineName = keyof typeof optionsByEngine;

export const engineNames = Object.keys(optionsByEngine) as [EngineName, ...EngineName[]];

/** What the engine complains of in the options of a model; empty when it takes them. */
export function complaintsAboutOptions(engine: EngineName, options: unknown): readonly z.core.$ZodIssue[] {
  return optionsByEngine[engine].safeParse(options).error?.issues ?? [];
}
