import { readFileSync } from 'node:fs';
import { z } from 'zod';

export type PublishedAnswer =
  | 'CreateChatCompletionResponse'
  | 'CreateChatCompletionStreamResponse'
  | 'Model'
  | 'ListModelsResponse'
  | 'ErrorResponse';

/**
 * OpenAI's own published schema of an answer, for tests: what millrace answers must pass it.
 * Read from the source checkout's fixtures, which builds leave out.
 */
export function publishedSchema(answer: PublishedAnswer): z.ZodType {
  const text = readFileSync(new URL('../fixtures/openapi-2.3.0.json', import.meta.url), 'utf8');
  const { $defs } = fixture.parse(JSON.parse(text));
  return z.fromJSONSchema({ $defs, $ref: `#/$defs/${answer}` });
}

const fixture = z.object({ $defs: z.record(z.string(), z.record(z.string(), z.unknown())) });
