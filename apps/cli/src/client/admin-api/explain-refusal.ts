import { z } from 'zod';
import type { Connection } from '../connection/connection.js';
import { printable } from '../output/printable.js';
import { retryAfterMs } from './when-to-repeat.js';
import type { AdminAnswer } from './admin-request.js';

const envelopeSchema = z.object({
  error: z.object({ message: z.string(), param: z.string().nullish(), code: z.string().nullish() }),
});
type Refusal = z.infer<typeof envelopeSchema>['error'];

/** What a person is told about an answer that is no success: what the server says, what to do, and the request's id. */
export function explainRefusal(answer: AdminAnswer, connection: Connection): string {
  const refusal = refusalOf(answer.text);
  const explained =
    refusal === undefined ? explainStranger(answer, connection) : explainError(answer, refusal, connection);
  return `${explained}${requestId(answer.headers)}`;
}

/** An answer that millrace did not give: of a proxy, or of another program. */
export function explainStranger({ status, headers }: AdminAnswer, { url, urlFrom }: Connection): string {
  const place = `${url} (from ${urlFrom})`;
  if (status >= 300 && status < 400) {
    const target = printable(headers.get('location') ?? 'another address');
    return `${place} sends on to ${target}. Name the address where millrace answers with --url.`;
  }
  const type = printable((headers.get('content-type') ?? '').split(';')[0] ?? '');
  const form = type === '' ? 'something' : type;
  const wait = status === 502 || status === 503 || status === 504 ? 'millrace may be starting; ' : '';
  return (
    `${place} answered ${String(status)} with ${form} that is not millrace's: ${wait}` +
    'look whether the address is right and what stands in between.'
  );
}

/** Names the request for whoever reads the server's log. */
export function requestId(headers: Headers): string {
  const id = headers.get('x-request-id');
  return id === null ? '' : ` (x-request-id ${printable(id)})`;
}

function explainError(answer: AdminAnswer, refusal: Refusal, connection: Connection): string {
  const message = asSentence(printable(refusal.message));
  const advice = adviceFor(answer, refusal, connection);
  return advice === undefined ? message : `${message} ${advice}`;
}

function adviceFor({ status, headers }: AdminAnswer, { code }: Refusal, connection: Connection): string | undefined {
  switch (status) {
    case 401:
      return `The key came from ${connection.keyFrom}: give a valid one with --key-stdin, MILLRACE_KEY or a profile.`;
    case 403:
      return `The key came from ${connection.keyFrom}: choose another with --key-stdin, MILLRACE_KEY or --profile.`;
    case 404:
    case 405:
      return code === 'route_not_found' || status === 405
        ? `${connection.url} may run another version of millrace, or the address is wrong.`
        : 'The list command shows what there is.';
    case 409:
    case 429:
    case 503:
      return comeBack(headers);
    default:
      return undefined;
  }
}

function comeBack(headers: Headers): string | undefined {
  if (headers.get('x-should-retry') === 'false') return undefined;
  const waitMs = retryAfterMs(headers);
  if (waitMs === undefined) return undefined;
  const seconds = Math.max(1, Math.ceil(waitMs / 1_000));
  if (seconds < 120) return `Try again in ${String(seconds)} s.`;
  return `Try again in ${String(Math.ceil(seconds / 60))} minutes.`;
}

function refusalOf(text: string): Refusal | undefined {
  try {
    return envelopeSchema.parse(JSON.parse(text)).error;
  } catch {
    // Whatever has another form is not millrace's.
    return undefined;
  }
}

function asSentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
