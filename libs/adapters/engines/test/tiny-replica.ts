import { join } from 'node:path';
import { build } from '../../../../tools/build.mjs';
import type { EngineReplica } from '../src/engine-driver.js';
import { createLlamaCppDriver } from '../src/llama-cpp/llama-cpp-driver.js';

/** A replica of the tiny model that ships with millrace, in the engine process as it is built. */
export async function loadTinyReplica(): Promise<EngineReplica> {
  await build();
  const artifactPath = join(import.meta.dirname, '../../../../models/millrace-tiny.gguf');
  const settings = { modelName: 'millrace-tiny', artifactPath, slots: 4, engineOptions: {} };
  return createLlamaCppDriver().load(settings, () => undefined, new AbortController().signal);
}
