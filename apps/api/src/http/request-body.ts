import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { ApiError } from './api-error.js';
import { isWithinBounds } from './json-size.js';

/** The largest body, as sent and after decompression. */
const BODY_LIMIT_BYTES = 20 * 2 ** 20;
/** Far beyond what people and their programs send. */
const BODY_BOUNDS = { mostParts: 100_000, mostLevels: 512 };

const unzip = promisify(gunzip);
const jsonType = /^application\/(?:[\w.+-]+\+)?json(?:$|[\s;])/i;
const bodyTooLarge = { kind: 'body_too_large', limitBytes: BODY_LIMIT_BYTES } as const;

/**
 * Reads and parses the JSON body, gzip or plain. Call it once the caller is authenticated:
 * until then nothing of the body is read.
 * Throws ApiError: wrong content type or encoding, too large, of too many parts, malformed, or the caller left half-way.
 */
export async function readJsonBody(request: IncomingMessage): Promise<unknown> {
  requireJson(request.headers['content-type']);
  const compressed = isCompressed(request.headers['content-encoding']);
  const sent = await readBytes(request);
  const bytes = compressed ? await decompress(sent) : sent;
  if (!isWithinBounds(bytes, BODY_BOUNDS)) throw new ApiError({ kind: 'body_too_complex', ...BODY_BOUNDS });
  try {
    return JSON.parse(bytes.toString('utf8').replace(/^\uFEFF/, '')) as unknown;
  } catch {
    // The parser's own message quotes the body, so it is neither answered nor logged.
    throw new ApiError({ kind: 'malformed_json' });
  }
}

function requireJson(contentType: string | undefined): void {
  if (contentType !== undefined && jsonType.test(contentType)) return;
  const what = 'The body must be JSON: send it with the header Content-Type: application/json.';
  throw new ApiError({ kind: 'unsupported_media_type', what });
}

function isCompressed(encoding: string | undefined): boolean {
  switch (encoding?.trim().toLowerCase() ?? 'identity') {
    case '':
    case 'identity':
      return false;
    case 'gzip':
    case 'x-gzip':
      return true;
    default: {
      const what = 'This Content-Encoding is not supported: send the body plain or as gzip.';
      throw new ApiError({ kind: 'unsupported_media_type', what });
    }
  }
}

/** What arrives beyond the limit is discarded as it comes. */
function readBytes(request: IncomingMessage): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let total = 0;
    const refuse = (error: ApiError) => {
      request.removeAllListeners('data');
      request.resume();
      reject(error);
    };
    if (Number(request.headers['content-length'] ?? 0) > BODY_LIMIT_BYTES) {
      refuse(new ApiError(bodyTooLarge));
      return;
    }
    request.on('data', (chunk: Buffer) => {
      total += chunk.length;
      if (total > BODY_LIMIT_BYTES) refuse(new ApiError(bodyTooLarge));
      else chunks.push(chunk);
    });
    request.once('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)));
    request.once('close', () => {
      if (!request.complete) reject(new ApiError({ kind: 'caller_left' }));
    });
    request.once('error', (error) => reject(new ApiError({ kind: 'caller_left' }, { cause: error })));
  });
}

async function decompress(bytes: Buffer): Promise<Buffer> {
  try {
    return await unzip(bytes, { maxOutputLength: BODY_LIMIT_BYTES });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw new ApiError(bodyTooLarge);
    throw new ApiError({ kind: 'malformed_http', what: 'the body is not gzip' }, { cause: error });
  }
}
