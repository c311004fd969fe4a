import type { IncomingHttpHeaders } from 'node:http';
import type { Deadlines } from '@millrace/domain/claim';
import { ApiError } from '../http/api-error.js';

const HEADERS = Object.entries({
  startDeadlineMs: 'x-millrace-start-deadline-ms',
  firstTokenDeadlineMs: 'x-millrace-first-token-deadline-ms',
  interTokenDeadlineMs: 'x-millrace-inter-token-deadline-ms',
  totalDeadlineMs: 'x-millrace-total-deadline-ms',
} as const satisfies Record<keyof Deadlines, string>) as [keyof Deadlines, string][];

/** Every integer with this many digits is exact. */
const positiveInteger = /^[1-9]\d{0,14}$/;

/** The deadlines a caller asks for. Throws ApiError for a header that is no whole number of milliseconds above 0. */
export function readDeadlineHeaders(headers: IncomingHttpHeaders): Partial<Deadlines> {
  const asked: Partial<Deadlines> = {};
  for (const [deadline, header] of HEADERS) {
    const value = headers[header];
    if (value !== undefined) asked[deadline] = readMilliseconds(header, value);
  }
  return asked;
}

function readMilliseconds(header: string, value: string | string[]): number {
  if (typeof value === 'string' && positiveInteger.test(value)) return Number(value);
  const message = `Invalid header '${header}': expected a whole number of milliseconds above 0.`;
  throw new ApiError({ kind: 'invalid_request', error: { message, param: header, code: 'invalid_value' } });
}
