import { z } from 'zod';
import { StartError } from './start-error.js';

const LIMIT_MS = 120_000;
const MESSAGES = [{ role: 'user', content: 'What is the capital of France?' }];

/** What the operators' own tenant has been denied: the API works, and says so. */
const DENIED: ReadonlySet<unknown> = new Set(['model_not_found', 'rate_limit_exceeded', 'insufficient_quota']);

/**
 * Proves the whole path with one small completion over HTTP, as a caller would. Answers a sentence about it. Limits that
 * the operators have set for themselves refuse it, and the start goes on, as it takes a running millrace to lift them.
 * Throws StartError when it fails.
 */
export async function completeOnce(api: { baseUrl: string; apiKey: string; model: string }): Promise<string> {
  const url = `${api.baseUrl}/v1/chat/completions`;
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${api.apiKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: api.model, messages: MESSAGES, max_tokens: 16, temperature: 0 }),
    signal: AbortSignal.timeout(LIMIT_MS),
  }).catch((error: unknown) => {
    throw new StartError(`The first completion got no answer from ${url}: ${reasonOf(error)}`, { cause: error });
  });
  const body = await response.text();
  if (response.ok) return `${api.model} answers`;
  const { message, code } = errorOf(body);
  if (DENIED.has(code)) return `The first completion was refused by what the operators' tenant may use: ${message}`;
  throw new StartError(`The first completion failed with HTTP ${String(response.status)}: ${body}`);
}

function errorOf(body: string): { message: string; code: unknown } {
  try {
    return z.object({ error: z.object({ message: z.string(), code: z.unknown() }) }).parse(JSON.parse(body)).error;
  } catch {
    // Whatever has another form is told as it is.
    return { message: body, code: undefined };
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
