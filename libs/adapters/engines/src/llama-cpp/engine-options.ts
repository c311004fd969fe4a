import { z } from 'zod';
import { EngineError } from '../engine-driver.js';

const engineOptionsSchema = z.strictObject({
  /** CPU threads that decode. Left out: one for small models, else found by a short probe. */
  threads: z.int().min(1).max(1024).optional(),
  /** Most tokens, of all slots together, that one step of llama.cpp evaluates. */
  batchSize: z.int().min(32).max(8192).default(512),
});

/** What `engineOptions` of a llama-cpp model may say. */
export type LlamaCppEngineOptions = z.infer<typeof engineOptionsSchema>;

/** Reads the options of a model's catalogue entry. Throws EngineError `load_failed` that names the wrong one. */
export function readEngineOptions(options: Readonly<Record<string, unknown>>): LlamaCppEngineOptions {
  const parsed = engineOptionsSchema.safeParse(options);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field =
    issue === undefined || issue.path.length === 0 ? 'engineOptions' : `engineOptions.${issue.path.join('.')}`;
  throw new EngineError('load_failed', `${field} is not valid for llama-cpp: ${issue?.message ?? 'unreadable'}.`);
}
