import { parseChatRequest, withDefaults, type ChatRequest, type ParameterError } from '../src/index.js';

export const question = { role: 'user', content: 'What is the capital of France?' };

/** The body of a request that is served, with changes. */
export function body(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return { model: 'millrace-tiny', messages: [question], ...changes };
}

/** Expects the body to be accepted, and answers the request with its defaults. */
export function accept(candidate: unknown): ChatRequest {
  const parsed = parseChatRequest(candidate);
  if (!parsed.ok) throw new Error(`refused: ${parsed.error.message}`);
  return withDefaults(parsed.asked);
}

/** Expects the body to be refused, with a sentence that names the parameter, and answers the error. */
export function refuse(candidate: unknown): ParameterError {
  const parsed = parseChatRequest(candidate);
  if (parsed.ok) throw new Error('was accepted');
  if (parsed.error.param !== null) expect(parsed.error.message).toContain(`'${parsed.error.param}'`);
  return parsed.error;
}

/** JSON that goes so many levels deep. */
export function nested(levels: number): Record<string, unknown> {
  return JSON.parse('{"items":'.repeat(levels) + '1' + '}'.repeat(levels)) as Record<string, unknown>;
}
