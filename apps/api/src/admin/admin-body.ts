import type { IncomingMessage } from 'node:http';
import type { z } from 'zod';
import { ApiError } from '../http/api-error.js';
import { readJsonBody } from '../http/request-body.js';

/** What of a caller's text an answer repeats. */
const LONGEST_ECHO = 200;

/**
 * Reads the JSON body and parses it with a strict schema. Throws ApiError with the path of the first field that is
 * unknown, missing or wrong.
 */
export async function readAdminBody<Schema extends z.ZodType>(
  request: IncomingMessage,
  schema: Schema,
): Promise<z.output<Schema>> {
  return requireValid(await bodyOf(request), schema);
}

/** The value as the schema reads it. Throws ApiError with the path of the first field that is wrong. */
export function requireValid<Schema extends z.ZodType>(value: unknown, schema: Schema): z.output<Schema> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw refuseValue(parsed.error, value);
}

/** As readAdminBody for an action that can be asked for without a body, which then stands for `{}`. */
export async function readOptionalBody<Schema extends z.ZodType>(
  request: IncomingMessage,
  schema: Schema,
): Promise<z.output<Schema>> {
  return hasNoBody(request) ? schema.parse({}) : readAdminBody(request, schema);
}

/** Bodies that have been asked for: each can be read once only. */
const bodies = new WeakMap<IncomingMessage, Promise<unknown>>();

/** The JSON body, however often it is asked for; undefined when there is none. Throws as readJsonBody does. */
export async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const asked = bodies.get(request) ?? (hasNoBody(request) ? Promise.resolve(undefined) : readJsonBody(request));
  bodies.set(request, asked);
  return asked;
}

function hasNoBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] === undefined && Number(headers['content-length'] ?? 0) === 0;
}

/** The answer to zod's first complaint about a value. */
function refuseValue(error: z.ZodError, value: unknown): ApiError {
  const [issue] = error.issues;
  if (issue === undefined) throw new Error('zod refused a value without a complaint', { cause: error });
  return new ApiError({ kind: 'invalid_request', error: describe(issue, value) });
}

function describe(issue: z.core.$ZodIssue, body: unknown): { message: string; param: string | null; code: string } {
  if (issue.code === 'unrecognized_keys') {
    const param = writePath([...issue.path, issue.keys[0] ?? '']);
    return { message: `Unknown parameter: '${param}'.`, param, code: 'unknown_parameter' };
  }
  const param = writePath(issue.path);
  if (param === '') return { message: 'The body must be a JSON object.', param: null, code: 'invalid_type' };
  if (issue.code === 'invalid_type' && valueAt(body, issue.path) === undefined) {
    return { message: `Missing required parameter: '${param}'.`, param, code: 'missing_required_parameter' };
  }
  const code = issue.code === 'invalid_type' ? 'invalid_type' : 'invalid_value';
  return { message: `Invalid '${param}': ${sentence(issue.message)}`, param, code };
}

/** As OpenAI writes a path into a body. */
function writePath(path: readonly PropertyKey[]): string {
  const steps = path.map((step) => (typeof step === 'number' ? `[${String(step)}]` : `.${String(step)}`));
  return steps.join('').replace(/^\./, '').slice(0, LONGEST_ECHO);
}

function sentence(text: string): string {
  return text.endsWith('.') ? text : `${text}.`;
}

function valueAt(body: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, step) => (typeof value === 'object' && value !== null ? Reflect.get(value, step) : undefined),
    body,
  );
}
