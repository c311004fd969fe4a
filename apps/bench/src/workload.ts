/** Tokens of every answer. */
export const ANSWER_TOKENS = 64;

/** A model on the simulated engine, as the catalogue and the engine driver know it. */
export interface SimulatedModel {
  name: string;
  /** There is no file behind it. */
  artifact: `simulated:${string}`;
  engineOptions: {
    timeToFirstTokenMs: number;
    tokensPerSecond: number;
    slots: number;
    answerTokens: number;
  };
}

/** About as fast as real engines write, so that streams overlap and nothing waits for a processor by itself. */
export const STEADY_MODEL: SimulatedModel = {
  name: 'bench-steady',
  artifact: 'simulated:bench-steady',
  engineOptions: { timeToFirstTokenMs: 10, tokensPerSecond: 100, slots: 512, answerTokens: ANSWER_TOKENS },
};

/**
 * Fast and wide enough that what stands in front of the engine decides how many requests get through, and slow enough
 * that the engine still gives its tokens one by one: tokens that are late come together and are cheap for everybody.
 */
export const FAST_MODEL: SimulatedModel = {
  name: 'bench-fast',
  artifact: 'simulated:bench-fast',
  engineOptions: { timeToFirstTokenMs: 10, tokensPerSecond: 400, slots: 1_024, answerTokens: ANSWER_TOKENS },
};

/** Streams on it stay open and cost next to nothing but memory. */
export const SLOW_MODEL: SimulatedModel = {
  name: 'bench-slow',
  artifact: 'simulated:bench-slow',
  engineOptions: { timeToFirstTokenMs: 50, tokensPerSecond: 0.5, slots: 1_100, answerTokens: 400 },
};

const PROMPT = 'Explain in a few sentences why a queue in front of a busy replica is fairer than a race for its slots.';

/** JSON of one request. */
export function chatBody(model: string, maxTokens: number): string {
  return JSON.stringify({
    model,
    messages: [{ role: 'user', content: PROMPT }],
    stream: true,
    temperature: 0,
    max_tokens: maxTokens,
  });
}
