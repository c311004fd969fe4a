import type { QueueState } from './queue-state.js';

/**
 * When the job at this place of the queue (1 is next) will begin, from now on: as many answers of usual length have to
 * be generated before. Undefined while nothing is known of the rate or of the length of answers.
 */
export function estimateWaitMs(
  position: number,
  { tokensPerSecond, answers, meanAnswerTokens }: Pick<QueueState, 'tokensPerSecond' | 'answers' | 'meanAnswerTokens'>,
): number | undefined {
  if (tokensPerSecond <= 0 || answers === 0) return undefined;
  return Math.ceil(((position * meanAnswerTokens) / tokensPerSecond) * 1_000);
}
