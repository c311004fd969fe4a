import type { z } from 'zod';

/** Why a request is refused: one sentence, the path of the parameter (`messages[0].role`) and OpenAI's code. */
export interface ParameterError {
  message: string;
  param: string | null;
  code: string;
}

/** What of a path an answer repeats: the caller chooses the length of some keys. */
const LONGEST_PATH = 200;

/** A path into the body as OpenAI writes it. */
function writePath(path: readonly PropertyKey[]): string {
  let text = '';
  for (const step of path) {
    if (typeof step === 'number') text += `[${String(step)}]`;
    else text += text === '' ? String(step) : `.${String(step)}`;
  }
  return text.slice(0, LONGEST_PATH);
}

/** The type of a JSON value in words. Never the value, which may be part of a prompt. */
function nameType(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : 'an array';
  if (typeof value === 'string') return value === '' ? 'an empty string' : 'a string';
  if (typeof value === 'boolean') return 'a boolean';
  if (typeof value !== 'number') return 'an object';
  if (!Number.isFinite(value)) return 'a number that is too large';
  return Number.isInteger(value) ? 'an integer' : 'a decimal';
}

/** The complaint about a value of the wrong type. */
export function wrongType(param: string, expected: string, received: unknown): ParameterError {
  if (received === undefined) {
    return { message: `Missing required parameter: '${param}'.`, param, code: 'missing_required_parameter' };
  }
  return {
    message: `Invalid type for '${param}': expected ${expected}, but got ${nameType(received)} instead.`,
    param,
    code: 'invalid_type',
  };
}

/** The complaint about a known parameter that millrace does not serve. */
export function notServed(param: string, what: string): ParameterError {
  return {
    message: `Unsupported parameter: '${param}'. ${what} not served by this endpoint yet; leave it out.`,
    param,
    code: 'unsupported_parameter',
  };
}

const expectedTypes: Record<string, string> = {
  string: 'a string',
  number: 'a decimal',
  int: 'an integer',
  boolean: 'a boolean',
  array: 'an array',
  object: 'an object',
  record: 'an object',
};

/** Puts zod's first complaint about `body` into OpenAI's words. */
export function describeIssue(issue: z.core.$ZodIssue, body: unknown): ParameterError {
  const param = writePath(issue.path);
  const received = valueAt(body, issue.path) ?? undefined;
  if (issue.code === 'invalid_type') return wrongType(param, expectedTypes[issue.expected] ?? issue.expected, received);
  if (issue.code === 'too_big') {
    return outOfRange(param, issue.origin, { word: 'maximum', sign: '<=', bound: Number(issue.maximum), received });
  }
  if (issue.code === 'too_small') {
    return outOfRange(param, issue.origin, { word: 'minimum', sign: '>=', bound: Number(issue.minimum), received });
  }
  // Of a wrong key zod itself says no more than that.
  const complaint = issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message;
  return { message: `Invalid value for '${param}': ${complaint}`, param, code: 'invalid_value' };
}

/** zod reports a bound of an integer as one of a number. */
const integers: ReadonlySet<string> = new Set(['max_tokens', 'max_completion_tokens', 'seed', 'n', 'top_logprobs']);

function outOfRange(
  param: string,
  origin: string,
  limit: { word: 'maximum' | 'minimum'; sign: string; bound: number; received: unknown },
): ParameterError {
  const side = limit.word === 'maximum' ? 'above' : 'below';
  const suffix = `${side}_${limit.word === 'maximum' ? 'max' : 'min'}`;
  if (origin === 'array' || origin === 'string') {
    const measure = `${origin} with ${limit.word} length ${String(limit.bound)}`;
    const message = `Invalid '${param}': wrong length. Expected ${origin === 'array' ? 'an' : 'a'} ${measure}.`;
    return { message, param, code: `${origin}_${suffix}_length` };
  }
  if (origin === 'object') {
    const message = `Invalid '${param}': too many properties. Expected an object with at most ${String(limit.bound)}.`;
    return { message, param, code: 'object_above_max_properties' };
  }
  const kind = integers.has(param) ? 'integer' : 'decimal';
  return {
    message:
      `Invalid '${param}': ${kind} ${side} ${limit.word} value. ` +
      `Expected a value ${limit.sign} ${String(limit.bound)}, but got ${String(limit.received)} instead.`,
    param,
    code: `${kind}_${suffix}_value`,
  };
}

function valueAt(body: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, step) => (typeof value === 'object' && value !== null ? Reflect.get(value, step) : undefined),
    body,
  );
}
