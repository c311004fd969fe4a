import type { GgufFacts } from '@millrace/domain/footprint';
import { EngineError } from '../engine-driver.js';

/**
 * Reads the header of a GGUF file, of all parts of a split one; weights are never read.
 * Throws EngineError `load_failed` for what is not such a file.
 */
export async function readGgufFacts(path: string, signal: AbortSignal): Promise<GgufFacts> {
  // The library is loaded by those who read a header, not by every process that knows of engines.
  const { readGgufFileInfo } = await import('node-llama-cpp');
  const { ggufFacts } = await import('./gguf-facts.js');
  try {
    return ggufFacts(await readGgufFileInfo(path, { logWarnings: false, signal, sourceType: 'filesystem' }));
  } catch (error) {
    signal.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    throw new EngineError('load_failed', `The header of the GGUF file cannot be read: ${reason}.`, { cause: error });
  }
}
