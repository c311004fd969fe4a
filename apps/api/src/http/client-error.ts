import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { newId } from '@millrace/platform/ids';
import type { Logger } from '@millrace/platform/observability';
import type { ApiProblem } from './api-error.js';
import { crossOriginHeaders } from './cross-origin.js';
import { answerProblem } from './error-answer.js';

/** The largest request line and headers together. */
export const HEADERS_LIMIT_BYTES = 64 * 2 ** 10;

/** How long a refused caller may go on sending before the connection is cut. */
const LINGER_MS = 1_000;

/**
 * Answers what never became a request: headers that are too large, a request that is no HTTP, or too slow a sender.
 * Such callers get the JSON envelope and a request id too, then the connection ends.
 */
export function clientErrorAnswerer(logger: Logger): (error: NodeJS.ErrnoException, socket: Socket) => void {
  const answered = new WeakSet<Socket>();
  return (error, socket) => {
    // What a refused caller still sends is reported again, chunk by chunk.
    if (answered.has(socket)) return;
    answered.add(socket);
    if (error.code === 'ECONNRESET' || !socket.writable || isAnswering(socket)) {
      socket.destroy();
      return;
    }
    const problem = problemOf(error);
    const requestId = newId('req');
    logger.info({ requestId, problem: problem.kind, code: error.code }, 'refused before it was a request');
    socket.end(writeAnswer(problem, requestId));
    const linger = setTimeout(() => socket.destroy(), LINGER_MS).unref();
    socket.once('close', () => clearTimeout(linger));
  };
}

/** Whether an answer to an earlier request of this connection is on its way; nothing may be written into it. */
function isAnswering(socket: Socket): boolean {
  const response: unknown = Reflect.get(socket, '_httpMessage');
  return typeof response === 'object' && response !== null && Reflect.get(response, 'headersSent') === true;
}

function problemOf(error: NodeJS.ErrnoException): ApiProblem {
  if (error.code === 'HPE_HEADER_OVERFLOW') return { kind: 'headers_too_large', limitBytes: HEADERS_LIMIT_BYTES };
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') return { kind: 'request_timeout' };
  return { kind: 'malformed_http', what: 'this is not HTTP/1.1' };
}

function writeAnswer(problem: ApiProblem, requestId: string): string {
  const { status, body, headers } = answerProblem(problem);
  const text = JSON.stringify(body);
  const fields = {
    ...headers,
    // Whether a page asks is not known, as its headers were not read.
    ...crossOriginHeaders,
    'content-type': 'application/json; charset=utf-8',
    'content-length': String(Buffer.byteLength(text)),
    'x-request-id': requestId,
    // It is counted from the end of a request's headers, as everywhere.
    'openai-processing-ms': '0',
    connection: 'close',
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  return `HTTP/1.1 ${String(status)} ${STATUS_CODES[status] ?? ''}\r\n${lines.join('')}\r\n${text}`;
}
