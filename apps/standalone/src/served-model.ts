import { open } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { modelNameOf, parseArtifactReference } from '@millrace/adapters/artifacts';
import { StartError } from './start-error.js';

/** First bytes of every GGUF file. */
const MAGIC = 'GGUF';

/** What the one machine serves. */
export interface StarterModel {
  /** As callers name it. */
  name: string;
  /** An absolute path, hf:owner/repo/file.gguf, or simulated:NAME. */
  artifact: string;
  /** Named by the artifact's form. */
  engine: 'llama-cpp' | 'simulated';
}

/**
 * The model of MILLRACE_MODEL, else the tiny one of the checkout.
 * Throws one plain sentence when that is no GGUF file, no address on the hub and no simulation.
 */
export async function starterModel(wanted: string | undefined, checkout: string): Promise<StarterModel> {
  const artifact = wanted ?? join(checkout, 'models', 'millrace-tiny.gguf');
  const reference = parseArtifactReference(artifact);
  const name = modelNameOf(artifact);
  if (reference.kind === 'simulated') return { name, artifact, engine: 'simulated' };
  if (reference.kind === 'hub') return { name, artifact, engine: 'llama-cpp' };
  const path = resolve(reference.path);
  await requireGguf(path);
  return { name, artifact: path, engine: 'llama-cpp' };
}

async function requireGguf(path: string): Promise<void> {
  const begin = await firstBytes(path).catch((error: unknown) => {
    const reason = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'does not exist' : 'cannot be read';
    throw new StartError(
      `The model file ${path} ${reason}: set MILLRACE_MODEL to a GGUF file, hf:owner/repo/file.gguf or simulated:NAME.`,
      { cause: error },
    );
  });
  if (begin !== MAGIC) throw new StartError(`The model file ${path} is not a GGUF file: millrace serves GGUF weights.`);
}

async function firstBytes(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(MAGIC.length), 0, MAGIC.length, 0);
    return buffer.toString('latin1', 0, bytesRead);
  } finally {
    await file.close();
  }
}
