import { z } from 'zod';

/**
 * What millrace serves of OpenAI's API, in short form: enough to call it. OpenAI publishes the whole;
 * libs/contracts/openai parses it.
 */
export const modelSchema = z
  .object({
    id: z.string().describe('What a request names as its model.'),
    object: z.literal('model'),
    created: z.int().describe('In seconds since 1970.'),
    owned_by: z.string(),
  })
  .meta({ id: 'Model' });

export const modelListSchema = z.object({ object: z.literal('list'), data: z.array(modelSchema) });

export const chatRequestSchema = z
  .looseObject({
    model: z.string().optional().describe("Left out only with an agent's key: the agent names its model."),
    messages: z.array(z.looseObject({ role: z.string() })).min(1),
    stream: z.boolean().optional().describe('Whether the answer comes as server-sent events.'),
  })
  .meta({ id: 'ChatCompletionRequest', description: "OpenAI's CreateChatCompletionRequest, its main fields only." });

export const chatCompletionSchema = z
  .looseObject({
    id: z.string(),
    object: z.literal('chat.completion'),
    created: z.int(),
    model: z.string(),
    choices: z.array(z.looseObject({ index: z.int(), finish_reason: z.string() })),
    usage: z.looseObject({ prompt_tokens: z.int(), completion_tokens: z.int(), total_tokens: z.int() }),
  })
  .meta({ id: 'ChatCompletion', description: "OpenAI's CreateChatCompletionResponse, its main fields only." });

/** Headers that say what the limits of tenant and key leave, each with its meaning. */
export const rateLimitHeaders: Readonly<Record<string, string>> = Object.fromEntries(
  ['requests', 'tokens'].flatMap((what) => [
    [`x-ratelimit-limit-${what}`, `How many ${what} a minute are allowed.`],
    [`x-ratelimit-remaining-${what}`, `How many of these ${what} are left.`],
    [`x-ratelimit-reset-${what}`, `In what time all of these ${what} are allowed again, as in 6m0s.`],
  ]),
);
