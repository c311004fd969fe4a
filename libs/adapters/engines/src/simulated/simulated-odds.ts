import { VOCABULARY_SIZE } from './vocabulary.js';

/** As many alternatives as a caller can ask for. */
const ALTERNATIVES = 20;
const CHOSEN_LOGPROB = -0.1;
/** Each alternative is less likely than the one before; all together they are no more likely than what is left. */
const FIRST_ALTERNATIVE_LOGPROB = -3;

/** The log probabilities of a token and of others in its place, the likeliest first: always the same. */
export function simulatedOdds(id: number): ReadonlyMap<number, number> {
  const alternatives = Array.from({ length: ALTERNATIVES }, (_, index): [number, number] => [
    (id + index + 1) % VOCABULARY_SIZE,
    FIRST_ALTERNATIVE_LOGPROB - index,
  ]);
  return new Map([[id, CHOSEN_LOGPROB], ...alternatives]);
}
