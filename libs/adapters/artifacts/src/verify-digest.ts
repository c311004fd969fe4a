import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';

/** `sha256:…` of a file's content. */
export async function digestOf(path: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256');
  for await (const piece of createReadStream(path, { signal })) hash.update(piece as Buffer);
  return `sha256:${hash.digest('hex')}`;
}

/** Keeps a checked digest beside its file. */
export async function writeDigest(path: string, digest: string): Promise<void> {
  await writeFile(digestPath(path), digest);
}

/** The digest that was checked when the file was downloaded, if the hub told one. */
export async function readDigest(path: string): Promise<string | undefined> {
  // A missing note means that the hub told no digest.
  return readFile(digestPath(path), 'utf8').catch(() => undefined);
}

function digestPath(path: string): string {
  return `${path}.digest`;
}
