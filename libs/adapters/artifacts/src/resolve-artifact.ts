import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ArtifactError } from './artifact-error.js';
import { artifactFiles, hubFileUrl, parseArtifactReference } from './artifact-reference.js';
import type { HubReference } from './artifact-reference.js';
import { downloadFile } from './download-file.js';
import { refuseOtherFormats } from './gguf-magic.js';
import { readDigest } from './verify-digest.js';

export interface DownloadProgress {
  receivedBytes: number;
  /** Known once the hub answered. */
  totalBytes: number | undefined;
}

export interface ResolveOptions {
  /** Downloads are kept here; several processes may share it. */
  cacheFolder: string;
  /** Address of the hub, for example https://huggingface.co. */
  hubUrl: string;
  hubToken?: string | undefined;
  signal: AbortSignal;
  /** Called while a file is downloaded; for a split model once for each part from the beginning. */
  onProgress?: (progress: DownloadProgress) => void;
  /** First wait before a cut download goes on; doubles each time. 500 ms when left out. */
  retryDelayMs?: number;
}

export interface ResolvedArtifact {
  /** Absolute path of the file, or of the first part of a split model; the reference itself where there is no file. */
  path: string;
  /** Of all parts together. */
  sizeBytes: number;
  /** `sha256:` and 64 hexadecimal digits, when the hub told it and the file was checked against it. */
  digest?: string;
}

/**
 * Finds the weights on this machine, or downloads them into the cache folder.
 * What is in the cache is not asked for again, so a branch stays at the version that was first downloaded.
 * Throws ArtifactError, or the signal's reason when aborted; an aborted download goes on where it ended next time.
 */
export async function resolveArtifact(reference: string, options: ResolveOptions): Promise<ResolvedArtifact> {
  const parsed = parseArtifactReference(reference);
  if (parsed.kind === 'simulated') return { path: reference, sizeBytes: 0 };
  const files = artifactFiles(parsed.kind === 'local' ? resolve(parsed.path) : parsed.file);
  const paths: string[] = [];
  for (const file of files) {
    paths.push(parsed.kind === 'local' ? file : await fromHub({ ...parsed, file }, reference, options));
  }
  const sizes = await Promise.all(paths.map((path) => modelSize(path, reference)));
  const [path] = paths;
  if (path === undefined) throw new ArtifactError('invalid_reference', `"${reference}" names a model of no parts.`);
  const digest = parsed.kind === 'hub' && paths.length === 1 ? await readDigest(path) : undefined;
  const sizeBytes = sizes.reduce((sum, size) => sum + size, 0);
  return { path, sizeBytes, ...(digest === undefined ? {} : { digest }) };
}

/** Where a downloaded file of the hub is kept. */
export function cachedPath(cacheFolder: string, { owner, repository, file, revision }: HubReference): string {
  return resolve(join(cacheFolder, 'hub', owner, repository, encodeURIComponent(revision), ...file.split('/')));
}

async function fromHub(hub: HubReference, reference: string, options: ResolveOptions): Promise<string> {
  const path = cachedPath(options.cacheFolder, hub);
  await downloadFile({
    ...options,
    url: hubFileUrl(options.hubUrl, hub),
    path,
    reference,
  });
  return path;
}

/** Size in bytes of a file that begins like a model. */
async function modelSize(path: string, reference: string): Promise<number> {
  const info = await stat(path).catch((error: unknown) => {
    throw new ArtifactError('not_found', `The artifact ${reference} does not exist or may not be read.`, {
      cause: error,
    });
  });
  if (!info.isFile()) throw new ArtifactError('not_a_model', `The artifact ${reference} is not a file.`);
  await refuseOtherFormats(path, reference);
  return info.size;
}
