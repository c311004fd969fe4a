import type { CustomBatchingPrioritizationStrategy, EvaluationPriority } from 'node-llama-cpp';

/**
 * Marks the tokens of an answer that must come out the same every time. The last digits of a logit depend on how many
 * tokens are decoded together, and sampling turns such a difference into another word: so these are decoded alone.
 */
export const ALONE: EvaluationPriority = 5;

/**
 * What the next decode works on: the item that waits longest if it is marked ALONE, else all that are not, each with
 * a fair part of the batch. Items come in the order in which they began to wait, so neither kind holds up the other.
 */
export const shareBatch: CustomBatchingPrioritizationStrategy = ({ items, size }) => {
  const [first] = items;
  if (first?.evaluationPriority === ALONE) {
    return [{ item: first, processAmount: Math.min(size, first.tokens.length) }];
  }
  const together = items.filter(({ evaluationPriority }) => evaluationPriority !== ALONE);
  const shortestFirst = [...together].sort((a, b) => a.tokens.length - b.tokens.length);
  let left = size;
  return shortestFirst.map((item, index) => {
    const fairPart = Math.floor(left / (shortestFirst.length - index));
    const processAmount = Math.min(item.tokens.length, fairPart);
    left -= processAmount;
    return { item, processAmount };
  });
};
