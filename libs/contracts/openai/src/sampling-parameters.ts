import { z } from 'zod';

const penalty = z.number().min(-2).max(2);

/** What decides how tokens are chosen and where an answer ends, within OpenAI's bounds. */
export const samplingBounds = {
  /** 0 is greedy. */
  temperature: z.number().min(0).max(2),
  topP: z.number().min(0).max(1),
  /** Left out, the answer may fill the context. */
  maxCompletionTokens: z.int().min(1),
  stop: z.array(z.string().min(1)).max(4),
  /** Any safe integer. */
  seed: z.int(),
  presencePenalty: penalty,
  frequencyPenalty: penalty,
};

/** What is left out is not set. */
export type SamplingParameters = { -readonly [Name in SamplingName]?: z.infer<(typeof samplingBounds)[Name]> };

export type SamplingName = keyof typeof samplingBounds;

/** By their names on OpenAI's wire. */
export const samplingOnWire: Readonly<Record<SamplingName, string>> = {
  temperature: 'temperature',
  topP: 'top_p',
  maxCompletionTokens: 'max_completion_tokens',
  stop: 'stop',
  seed: 'seed',
  presencePenalty: 'presence_penalty',
  frequencyPenalty: 'frequency_penalty',
};
