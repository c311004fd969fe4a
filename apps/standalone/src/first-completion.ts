import { StartError } from './start-error.js';

const LIMIT_MS = 120_000;
const MESSAGES = [{ role: 'user', content: 'What is the capital of France?' }];

/** Proves the whole path with one small completion over HTTP, as a caller would. Throws StartError when it fails. */
export async function completeOnce(api: { baseUrl: string; apiKey: string; model: string }): Promise<void> {
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
  if (response.ok) return;
  throw new StartError(`The first completion failed with HTTP ${String(response.status)}: ${body}`);
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
