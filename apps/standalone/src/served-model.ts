import { open } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { StartError } from './start-error.js';

/** First bytes of every GGUF file. */
const MAGIC = 'GGUF';
const HUB_FORM = /^hf:[^/\s]+\/[^/\s]+\/\S+\.gguf$/;

/** What the one machine serves. */
export interface StarterModel {
  /** As callers name it. */
  name: string;
  /** An absolute path, or hf:owner/repo/file.gguf. */
  artifact: string;
}

/**
 * The model of MILLRACE_MODEL, else the tiny one of the checkout.
 * Throws StartError when that is no GGUF file and no address on the hub.
 */
export async function starterModel(wanted: string | undefined, checkout: string): Promise<StarterModel> {
  const artifact = wanted ?? join(checkout, 'models', 'millrace-tiny.gguf');
  if (artifact.startsWith('hf:')) {
    if (HUB_FORM.test(artifact)) return { name: nameOf(artifact), artifact };
    throw new StartError(`MILLRACE_MODEL (${artifact}) is not of the form hf:owner/repo/file.gguf.`);
  }
  const path = resolve(artifact);
  await requireGguf(path);
  return { name: nameOf(path), artifact: path };
}

function nameOf(artifact: string): string {
  return basename(artifact).replace(/\.gguf$/i, '');
}

async function requireGguf(path: string): Promise<void> {
  const begin = await firstBytes(path).catch((error: unknown) => {
    const reason = (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'does not exist' : 'cannot be read';
    throw new StartError(
      `The model file ${path} ${reason}: set MILLRACE_MODEL to a GGUF file or hf:owner/repo/file.gguf.`,
      {
        cause: error,
      },
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
