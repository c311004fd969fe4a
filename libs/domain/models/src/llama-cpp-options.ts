import { z } from 'zod';

/** What `engineOptions` of a llama-cpp model may say. */
export const llamaCppOptionsSchema = z.strictObject({
  /** CPU threads that decode. Left out: one for small models, else found by a short probe. */
  threads: z.int().min(1).max(1024).optional(),
  /** Most tokens, of all slots together, that one step of llama.cpp evaluates. */
  batchSize: z.int().min(32).max(8192).default(512),
  /** The operator's word for what a replica takes of each device; an estimate from its artifact goes before it. */
  footprintBytes: z.int().min(1).optional(),
});

export type LlamaCppEngineOptions = z.infer<typeof llamaCppOptionsSchema>;
