import { open } from 'node:fs/promises';
import { ArtifactError } from './artifact-error.js';
import { requestFile, type HubRequest } from './hub-request.js';

/** One read of a header is over after so long, whatever it reads from. */
const READ_TIMEOUT_MS = 30_000;

/** A file of which parts can be read. */
export interface FileRanges {
  /** Bytes from `start` on, at most so many; fewer at the end of the file. */
  read(start: number, length: number): Promise<{ bytes: Buffer; fileBytes: number }>;
}

export function rangesOfFile(path: string): FileRanges {
  return {
    async read(start, length) {
      const file = await open(path, 'r').catch((error: unknown) => {
        throw new ArtifactError('not_found', `The file ${path} does not exist or may not be read.`, { cause: error });
      });
      try {
        const { size } = await file.stat();
        const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(length, size)), 0, undefined, start);
        return { bytes: buffer.subarray(0, bytesRead), fileBytes: size };
      } finally {
        await file.close();
      }
    },
  };
}

/** Of a hub's file, by HTTP ranges. Throws ArtifactError; a hub that sends everything instead is cut off. */
export function rangesOfHub(request: HubRequest, timeoutMs = READ_TIMEOUT_MS): FileRanges {
  return {
    async read(start, length) {
      const timeout = AbortSignal.timeout(timeoutMs);
      const signal = AbortSignal.any([request.signal, timeout]);
      try {
        return await readRange({ ...request, signal }, start, length);
      } catch (error) {
        if (!timeout.aborted || request.signal.aborted) throw error;
        throw new ArtifactError(
          'unreachable',
          `${request.url.host} did not send the header of ${request.reference} within ${timeoutMs} ms; try again later.`,
          { cause: error },
        );
      }
    },
  };
}

async function readRange(request: HubRequest, start: number, length: number) {
  const { response } = await requestFile(request, start, start + length - 1);
  const fileBytes = wholeBytes(response);
  const partial = response.status === 206;
  if (fileBytes === undefined || (!partial && start > 0)) {
    await response.body?.cancel();
    throw new ArtifactError(
      'unreachable',
      `${request.url.host} does not answer ranges of ${request.reference}; download the file and name its path.`,
    );
  }
  return { bytes: await firstBytes(response, length), fileBytes };
}

/** Size of the whole file. */
function wholeBytes({ status, headers }: Response): number | undefined {
  const range = /^bytes \d+-\d+\/(\d+)$/.exec(headers.get('content-range') ?? '')?.[1];
  const text = status === 206 ? range : headers.get('content-length');
  return text === null || text === undefined || !/^\d+$/.test(text) ? undefined : Number(text);
}

/** Ends the answer once it has enough. */
async function firstBytes({ body }: Response, length: number): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  let missing = length;
  for await (const piece of body ?? []) {
    pieces.push((piece as Uint8Array).subarray(0, missing));
    missing -= pieces.at(-1)?.length ?? 0;
    if (missing <= 0) break;
  }
  return Buffer.concat(pieces);
}
