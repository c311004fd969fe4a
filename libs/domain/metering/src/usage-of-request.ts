/** How a request, or one choice of it, has ended. */
export type Outcome = 'completed' | 'cancelled' | 'failed' | 'expired';

/** Tokens as the model's tokenizer counts them. */
interface TokenCounts {
  promptTokens: number;
  /** Of the prompt tokens, those that were in the replica's cache. */
  cachedTokens: number;
  completionTokens: number;
  /** Of the completion tokens, those of reasoning. */
  reasoningTokens: number;
}

/** What one choice has used, and how long it took. */
export interface UsageOfChoice extends TokenCounts {
  outcome: Outcome;
  attempts: number;
  queueMs: number;
  /** Left out when no token was generated. */
  firstTokenMs?: number;
  totalMs: number;
}

/**
 * The usage of a request whose choices have all ended; at least one. Choices share the prompt, so it counts once: that
 * of the first choice whose prompt was read. Times run from the acceptance of the request: it left the queue, and had
 * its first token, with its earliest choice, and ended with its last one.
 */
export function usageOfRequest(choices: readonly UsageOfChoice[]): UsageOfChoice {
  const prompt = choices.find(({ promptTokens }) => promptTokens > 0);
  const firstTokens = choices.flatMap(({ firstTokenMs }) => (firstTokenMs === undefined ? [] : [firstTokenMs]));
  return {
    outcome: outcomeOfAll(choices.map(({ outcome }) => outcome)),
    promptTokens: prompt?.promptTokens ?? 0,
    cachedTokens: prompt?.cachedTokens ?? 0,
    completionTokens: sum(choices.map(({ completionTokens }) => completionTokens)),
    reasoningTokens: sum(choices.map(({ reasoningTokens }) => reasoningTokens)),
    attempts: Math.max(...choices.map(({ attempts }) => attempts)),
    queueMs: Math.min(...choices.map(({ queueMs }) => queueMs)),
    ...(firstTokens.length > 0 && { firstTokenMs: Math.min(...firstTokens) }),
    totalMs: Math.max(...choices.map(({ totalMs }) => totalMs)),
  };
}

/** One choice that failed leaves its caller without an answer; what never ran at all has expired. */
function outcomeOfAll(outcomes: readonly Outcome[]): Outcome {
  if (outcomes.includes('failed')) return 'failed';
  const [first = 'cancelled'] = outcomes;
  return outcomes.every((outcome) => outcome === first) ? first : 'cancelled';
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
