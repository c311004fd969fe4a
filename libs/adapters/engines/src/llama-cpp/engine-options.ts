import { llamaCppOptionsSchema, type LlamaCppEngineOptions } from '@millrace/domain/models';
import { EngineError } from '../engine-driver.js';

/** Reads the options of a model's catalogue entry. Throws EngineError `load_failed` that names the wrong one. */
export function readEngineOptions(options: Readonly<Record<string, unknown>>): LlamaCppEngineOptions {
  const parsed = llamaCppOptionsSchema.safeParse(options);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field =
    issue === undefined || issue.path.length === 0 ? 'engineOptions' : `engineOptions.${issue.path.join('.')}`;
  throw new EngineError('load_failed', `${field} is not valid for llama-cpp: ${issue?.message ?? 'unreadable'}.`);
}
