import type { GgufFacts } from '@millrace/domain/footprint';
import { EngineError } from '../engine-driver.js';

/** Where a file is: a path, or an address that answers to ranges. */
export type GgufPlace = { path: string } | { url: string; headers: Readonly<Record<string, string>> };

/**
 * Reads the header of a GGUF file, of all parts of a split one; weights are never read.
 * Throws EngineError `load_failed` for what is not such a file or cannot be reached.
 */
export async function readGgufFacts(place: GgufPlace, signal: AbortSignal): Promise<GgufFacts> {
  // The library is loaded by those who read a header, not by every process that knows of engines.
  const { readGgufFileInfo } = await import('node-llama-cpp');
  const { ggufFacts } = await import('./gguf-facts.js');
  const options = { logWarnings: false, signal, fetchRetryOptions: { retries: 2 } };
  try {
    const file = await ('path' in place
      ? readGgufFileInfo(place.path, { ...options, sourceType: 'filesystem' })
      : readGgufFileInfo(place.url, { ...options, sourceType: 'network', fetchHeaders: { ...place.headers } }));
    return ggufFacts(file);
  } catch (error) {
    signal.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    throw new EngineError('load_failed', `The header of the GGUF file cannot be read: ${reason}.`, { cause: error });
  }
}
