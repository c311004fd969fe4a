import { mkdir, open, readFile, rename, rm, stat, statfs, writeFile } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ArtifactError } from './artifact-error.js';
import { isCode, withDownloadLock } from './download-lock.js';
import { refuseOtherFormats } from './gguf-magic.js';
import { requestFile } from './hub-request.js';
import type { HubAnswer, HubRequest } from './hub-request.js';
import type { DownloadProgress } from './resolve-artifact.js';
import { digestOf, writeDigest } from './verify-digest.js';

const FRUITLESS_TRIES = 5;
const FIRST_RETRY_MS = 500;

export interface Download extends HubRequest {
  /** Absolute path of the finished file. The unfinished one stands beside it as `.partial`. */
  path: string;
  onProgress?: (progress: DownloadProgress) => void;
  retryDelayMs?: number;
}

/**
 * Downloads a file unless it is there. A cut download goes on where it ended, in this process or the next.
 * The file appears under its name only when it is whole and its digest, if the hub told one, is right.
 */
export async function downloadFile(download: Download): Promise<void> {
  if (await exists(download.path)) return;
  try {
    await withDownloadLock(download.path, download.signal, async () => {
      if (!(await exists(download.path))) await downloadPersistently(download);
    });
  } catch (error) {
    if (isCode(error, 'ENOSPC')) throw diskFull(download);
    throw error;
  }
}

async function downloadPersistently(download: Download): Promise<void> {
  let delayMs = download.retryDelayMs ?? FIRST_RETRY_MS;
  for (let fruitless = 0; ;) {
    const before = await partialSize(download);
    try {
      await continueDownload(download);
      return;
    } catch (error) {
      if (!(error instanceof ArtifactError) || error.code !== 'interrupted') throw error;
      fruitless = (await partialSize(download)) > before ? 0 : fruitless + 1;
      if (fruitless >= FRUITLESS_TRIES) throw error;
      if (fruitless === 0) delayMs = download.retryDelayMs ?? FIRST_RETRY_MS;
    }
    await delay(delayMs, undefined, { signal: download.signal });
    delayMs *= 2;
  }
}

/** One request: what is missing is appended to the partial file, which is finished when nothing is missing. */
async function continueDownload(download: Download): Promise<void> {
  const have = await partialSize(download);
  const answer = await requestFile(download, have);
  const total = totalBytes(answer.response);
  if (have > 0 && !(await continues(download, answer, have))) {
    await answer.response.body?.cancel();
    await rm(partial(download), { force: true });
    return continueDownload(download);
  }
  if (answer.response.status === 416) return finish(download, answer);
  await mkdir(dirname(download.path), { recursive: true });
  if (answer.etag !== undefined) await writeFile(version(download), answer.etag);
  const start = answer.response.status === 206 ? have : 0;
  await refuseIfTooLarge(download, total === undefined ? 0 : total - start);
  await receive(download, answer.response, { start, total });
  await finish(download, answer);
}

/** Whether the answer carries on the bytes that are here. A plain 200 sends all of the same file and starts over. */
async function continues(download: Download, answer: HubAnswer, have: number): Promise<boolean> {
  const sameVersion = answer.etag === (await readFile(version(download), 'utf8').catch(() => undefined));
  const { status, headers } = answer.response;
  const range = headers.get('content-range') ?? '';
  switch (status) {
    case 206:
      return sameVersion && range.startsWith(`bytes ${String(have)}-`);
    case 416:
      return sameVersion && range === `bytes */${String(have)}`;
    default:
      return true;
  }
}

async function receive(
  download: Download,
  response: Response,
  { start, total }: { start: number; total: number | undefined },
): Promise<void> {
  const file = await openPartial(download, start);
  let position = start;
  try {
    for await (const piece of pieces(download, response)) {
      await file.write(piece, 0, piece.length, position);
      position += piece.length;
      download.onProgress?.({ receivedBytes: position, totalBytes: total });
    }
    await file.sync();
  } finally {
    await file.close();
  }
  if (total !== undefined && position < total) throw interrupted(download);
}

async function* pieces(download: Download, response: Response): AsyncGenerator<Uint8Array> {
  if (response.body === null) return;
  try {
    for await (const piece of response.body) yield piece as Uint8Array;
  } catch (error) {
    download.signal.throwIfAborted();
    throw interrupted(download, error);
  }
}

async function openPartial(download: Download, start: number): Promise<FileHandle> {
  return open(partial(download), start > 0 ? 'r+' : 'w');
}

async function finish(download: Download, { digest }: HubAnswer): Promise<void> {
  try {
    await refuseOtherFormats(partial(download), download.reference);
  } catch (error) {
    await rm(partial(download), { force: true });
    throw error;
  }
  if (digest !== undefined) {
    const found = await digestOf(partial(download), download.signal);
    if (found !== digest) {
      await rm(partial(download), { force: true });
      throw new ArtifactError('interrupted', `${download.reference} arrived damaged; start the download again.`);
    }
    await writeDigest(download.path, digest);
  }
  await rename(partial(download), download.path);
  await rm(version(download), { force: true });
}

async function refuseIfTooLarge(download: Download, missingBytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(dirname(download.path));
  if (missingBytes > bavail * bsize) throw diskFull(download, missingBytes, bavail * bsize);
}

function diskFull(download: Download, missingBytes?: number, freeBytes?: number): ArtifactError {
  const numbers =
    missingBytes === undefined || freeBytes === undefined
      ? ''
      : `, ${megabytes(missingBytes)} are needed and ${megabytes(freeBytes)} are free`;
  return new ArtifactError(
    'disk_full',
    `The model cache has no room for ${download.reference}${numbers}; free some space or move the cache.`,
  );
}

function interrupted(download: Download, cause?: unknown): ArtifactError {
  return new ArtifactError(
    'interrupted',
    `The download of ${download.reference} was cut; start again to go on where it ended.`,
    { cause },
  );
}

/** Size of the whole file, from the range or the length that the answer names. */
function totalBytes({ headers, status }: Response): number | undefined {
  const total = status === 206 ? headers.get('content-range')?.split('/')[1] : headers.get('content-length');
  return total === undefined || total === null || !/^\d+$/.test(total) ? undefined : Number(total);
}

async function partialSize(download: Download): Promise<number> {
  // Without a partial file the download begins at its first byte.
  return stat(partial(download)).then(
    (info) => info.size,
    () => 0,
  );
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function partial({ path }: Download): string {
  return `${path}.partial`;
}

/** Notes which version of the content the partial file holds. */
function version({ path }: Download): string {
  return `${path}.partial-version`;
}

function megabytes(bytes: number): string {
  return `${String(Math.ceil(bytes / 1e6))} MB`;
}
