import { setTimeout as delay } from 'node:timers/promises';
import type { z } from 'zod';
import { ClientError, ServerAway, WrongKindOfKey } from '../client-error.js';
import type { Connection } from '../connection/connection.js';
import type { AdminAnswer, AdminRequest } from './admin-request.js';
import { requestUrl } from './admin-request.js';
import { codeOf, explainNoAnswer } from './explain-no-answer.js';
import { explainRefusal, explainStranger, requestId } from './explain-refusal.js';
import { waitBeforeRepeatMs } from './when-to-repeat.js';

/** A resource as the server sent it, and as a command reads it. */
export interface Received<Body> {
  /** The server's own words, for `--json`. */
  text: string;
  body: Body;
}

export interface AdminApiOptions {
  connection: Connection;
  /** Time for the whole of one answer. */
  timeoutMs: number;
  /** Hears what a person may want to know: each request with --verbose, warnings of the server always. */
  note: (line: string) => void;
  verbose: boolean;
}

/** The admin API of one server, over HTTP. Everything that goes wrong is a ClientError. */
export class AdminApi {
  constructor(private readonly options: AdminApiOptions) {}

  /** Sends a request and reads its answer as JSON of a known form. */
  async receive<Schema extends z.ZodType>(request: AdminRequest, schema: Schema): Promise<Received<z.output<Schema>>> {
    const answer = await this.send(request);
    const parsed = schema.safeParse(jsonOf(answer.text));
    if (parsed.success) return { text: answer.text, body: parsed.data };
    const { connection } = this.options;
    if (jsonOf(answer.text) === undefined) throw new ClientError(explainStranger(answer, connection));
    const where = parsed.error.issues[0]?.path.join('.') ?? '';
    throw new ClientError(
      `${connection.url} answered ${request.path} in a form that this client does not know (${where}): ` +
        `update the older of the two.${requestId(answer.headers)}`,
    );
  }

  /** Sends a request; answers once the server has agreed. Repeats what is harmless to repeat. */
  async send(request: AdminRequest): Promise<AdminAnswer> {
    const { connection, timeoutMs } = this.options;
    for (let tries = 1; ; tries += 1) {
      const outcome = await this.attempt(request);
      if ('status' in outcome && outcome.status >= 200 && outcome.status < 300) return outcome;
      const waitMs = waitBeforeRepeatMs(request, outcome, tries);
      if (waitMs === undefined) {
        throw 'status' in outcome
          ? refusalOf(outcome, connection)
          : new ServerAway(explainNoAnswer(outcome.code, connection, { request, timeoutMs }));
      }
      this.trace(`repeating in ${String(Math.round(waitMs))} ms`);
      await delay(waitMs);
    }
  }

  /**
   * An answer that goes on; undefined while the server is away or the signal has ended the wait. Throws ClientError when
   * the server refuses.
   */
  async openStream(request: AdminRequest, signal: AbortSignal): Promise<Response | undefined> {
    const { connection } = this.options;
    try {
      const url = requestUrl(connection.url, request);
      const response = await fetch(url, { headers: this.headersOf(request), redirect: 'manual', signal });
      this.trace(`${request.method} ${request.path}: ${String(response.status)}${requestId(response.headers)}`);
      if (response.ok) return response;
      throw refusalOf({ status: response.status, headers: response.headers, text: await response.text() }, connection);
    } catch (error) {
      if (error instanceof ClientError && !(error instanceof ServerAway)) throw error;
      return undefined;
    }
  }

  /** One exchange; the key goes to this server only, so a redirection is not followed. */
  private async attempt(request: AdminRequest): Promise<AdminAnswer | { code: string }> {
    const { connection, timeoutMs } = this.options;
    const beganMs = performance.now();
    const done = (result: string) =>
      this.trace(
        `${request.method} ${requestUrl('http://-', request).slice('http://-'.length)}: ${result}, ${String(Math.round(performance.now() - beganMs))} ms`,
      );
    try {
      const response = await fetch(requestUrl(connection.url, request), {
        method: request.method,
        headers: this.headersOf(request),
        redirect: 'manual',
        signal: AbortSignal.timeout(timeoutMs),
        ...(request.body !== undefined && { body: JSON.stringify(request.body) }),
      });
      const answer = { status: response.status, headers: response.headers, text: await response.text() };
      done(`${String(answer.status)}${requestId(answer.headers)}`);
      this.passWarning(answer.headers);
      return answer;
    } catch (error) {
      const code = codeOf(error);
      done(code);
      return { code };
    }
  }

  private headersOf({ body, headers = {} }: AdminRequest): Headers {
    const all = new Headers({ accept: 'application/json', authorization: `Bearer ${this.options.connection.key}` });
    if (body !== undefined) all.set('content-type', 'application/json');
    for (const [name, value] of Object.entries(headers)) if (value !== undefined) all.set(name, value);
    return all;
  }

  private passWarning(headers: Headers): void {
    const warning = headers.get('x-millrace-warning');
    if (warning !== null) this.options.note(`Warning: ${warning}`);
  }

  private trace(line: string): void {
    if (this.options.verbose) this.options.note(line);
  }
}

function refusalOf(answer: AdminAnswer, connection: Connection): ClientError {
  const message = explainRefusal(answer, connection);
  if (answer.status === 403) return new WrongKindOfKey(message);
  return answer.status >= 500 ? new ServerAway(message) : new ClientError(message);
}

/** Undefined when it is none. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
