import { mkdtemp, open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { ArtifactError } from './artifact-error.js';
import { artifactFiles, hubFileUrl, parseArtifactReference, type HubReference } from './artifact-reference.js';
import { rangesOfHub, type FileRanges } from './file-ranges.js';
import { ggufHeaderBytes } from './gguf-header.js';
import { cachedPath, resolveArtifact, type ResolveOptions } from './resolve-artifact.js';

/** Most headers are shorter; what is missing is read in a second step. */
const FIRST_BYTES = 1024 ** 2;
/** Vocabularies of half a million words fit. */
const MOST_BYTES = 64 * 1024 ** 2;
const GROWTH = 4;

/**
 * Lets `use` read the header of an artifact, without its weights: a file that is here as it is, and of a hub's file that
 * was not downloaded yet a copy of the header alone, as long as the file and empty behind, which is gone afterwards.
 * Throws ArtifactError.
 */
export async function withHeader<Result>(
  reference: string,
  options: ResolveOptions,
  use: (path: string) => Promise<Result>,
): Promise<Result> {
  const parsed = parseArtifactReference(reference);
  const isHere = parsed.kind !== 'hub' || (await isCached(parsed, options));
  if (isHere) return use((await resolveArtifact(reference, options)).path);
  const folder = await mkdtemp(join(tmpdir(), 'millrace-header-'));
  try {
    const paths: string[] = [];
    for (const file of artifactFiles(parsed.file)) {
      const path = join(folder, basename(file));
      const url = hubFileUrl(options.hubUrl, { ...parsed, file });
      await copyHeader(rangesOfHub({ ...options, url, reference }), path, reference);
      paths.push(path);
    }
    return await use(paths[0] ?? folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function isCached(hub: HubReference, { cacheFolder }: ResolveOptions): Promise<boolean> {
  const found = artifactFiles(hub.file).map((file) => stat(cachedPath(cacheFolder, { ...hub, file })));
  return (await Promise.allSettled(found)).every(({ status }) => status === 'fulfilled');
}

async function copyHeader(ranges: FileRanges, path: string, reference: string): Promise<void> {
  const { header, fileBytes } = await readHeader(ranges, reference);
  const file = await open(path, 'w');
  try {
    await file.write(header);
    await file.truncate(fileBytes);
  } finally {
    await file.close();
  }
}

async function readHeader(ranges: FileRanges, reference: string): Promise<{ header: Buffer; fileBytes: number }> {
  let { bytes, fileBytes } = await ranges.read(0, FIRST_BYTES);
  if (bytes.toString('latin1', 0, 4) !== 'GGUF') {
    throw new ArtifactError(
      'not_a_model',
      `The artifact ${reference} is not a GGUF file; name a model in GGUF format.`,
    );
  }
  while (headerBytes(bytes, reference) === undefined) {
    const wanted = Math.min(bytes.length * GROWTH, MOST_BYTES, fileBytes);
    if (wanted <= bytes.length) throw damaged(reference, bytes.length);
    const more = await ranges.read(bytes.length, wanted - bytes.length);
    if (more.bytes.length === 0) throw damaged(reference, bytes.length);
    bytes = Buffer.concat([bytes, more.bytes]);
    fileBytes = more.fileBytes;
  }
  return { header: bytes, fileBytes };
}

function headerBytes(beginning: Buffer, reference: string): number | undefined {
  try {
    return ggufHeaderBytes(beginning);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ArtifactError('not_a_model', `The header of ${reference} is damaged. ${reason}`, { cause: error });
  }
}

function damaged(reference: string, readBytes: number): ArtifactError {
  return new ArtifactError(
    'not_a_model',
    `The header of ${reference} does not end within ${readBytes} bytes; expected a whole GGUF file.`,
  );
}
