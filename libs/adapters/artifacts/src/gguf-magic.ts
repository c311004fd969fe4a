import { open } from 'node:fs/promises';
import { ArtifactError } from './artifact-error.js';

const GGUF_MAGIC = 'GGUF';

/** Throws ArtifactError `not_a_model` unless the file begins like a GGUF file. */
export async function refuseOtherFormats(path: string, reference: string): Promise<void> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(GGUF_MAGIC.length), 0, GGUF_MAGIC.length, 0);
    if (buffer.toString('latin1', 0, bytesRead) === GGUF_MAGIC) return;
  } finally {
    await file.close();
  }
  throw new ArtifactError('not_a_model', `The artifact ${reference} is not a GGUF file; name a model in GGUF format.`);
}
