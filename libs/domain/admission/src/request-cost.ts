import { smallestLimit, type LimitedLevel } from './limit-levels.js';

/** Tokens that an answer without `max_tokens` may have, by the tightest tokens a minute: a part of them, within bounds. */
const PART_OF_A_MINUTE = 4;
const USUAL_ANSWER_TOKENS = 256;
const LONGEST_UNASKED_ANSWER_TOKENS = 4_096;
/** No context holds as many. */
const MOST_ANSWER_TOKENS = 2 ** 32 - 1;

/** What decides how many tokens a request may use. */
export interface SizedRequest {
  /** Estimated. */
  promptTokens: number;
  /** The most that the caller wants of each answer; left out where the caller does not say. */
  answerTokens?: number;
  /** Answers, which share the prompt. */
  choices: number;
  /** Of the model; left out where it is not known. */
  contextLength?: number;
}

/** What admission sets aside for a request, all its choices together. */
export interface RequestCost {
  promptTokens: number;
  choices: number;
  /** Must be free for the request to be admitted. */
  leastTokens: number;
  /** Is held where so much is free. */
  mostTokens: number;
}

/**
 * What a request costs on entry. A caller who names `max_tokens` gets exactly that. For one who does not, what is free
 * is held up to a bound, and the answer may be as long as what is held; so the first call never fails for an answer
 * that nobody asked to be long.
 */
export function requestCost(request: SizedRequest, levels: readonly LimitedLevel[]): RequestCost {
  const { promptTokens, choices } = request;
  const roomTokens = contextRoom(request);
  const whole = (answerTokens: number): number => promptTokens + choices * answerTokens;
  if (request.answerTokens !== undefined) {
    const tokens = whole(Math.min(request.answerTokens, roomTokens));
    return { promptTokens, choices, leastTokens: tokens, mostTokens: tokens };
  }
  const most = Math.min(roomTokens, unaskedAnswerTokens(levels));
  const smallest = smallestLimit(levels, ['tokensPerMinute', 'tokensPerMonth']) ?? Infinity;
  const fitting = Math.floor((smallest - promptTokens) / choices);
  const least = Math.max(1, Math.min(most, USUAL_ANSWER_TOKENS, fitting));
  return { promptTokens, choices, leastTokens: whole(least), mostTokens: whole(most) };
}

/**
 * How long each answer may be when so many tokens are held for the request; undefined where nothing bounds it but the
 * caller's own wish and the context.
 */
export function allowedAnswerTokens(
  request: SizedRequest,
  heldTokens: number,
  levels: readonly LimitedLevel[],
): number | undefined {
  const isBounded = smallestLimit(levels, ['tokensPerMinute', 'tokensPerMonth']) !== undefined;
  if (request.answerTokens !== undefined || !isBounded) return undefined;
  const allowed = Math.floor((heldTokens - request.promptTokens) / request.choices);
  return allowed < contextRoom(request) ? allowed : undefined;
}

/** What an answer can have at most, as far as one can tell from an estimate. */
function contextRoom({ promptTokens, contextLength }: SizedRequest): number {
  return contextLength === undefined ? MOST_ANSWER_TOKENS : Math.max(1, contextLength - promptTokens);
}

function unaskedAnswerTokens(levels: readonly LimitedLevel[]): number {
  const aMinute = smallestLimit(levels, ['tokensPerMinute']);
  if (aMinute === undefined) return LONGEST_UNASKED_ANSWER_TOKENS;
  const part = Math.floor(aMinute / PART_OF_A_MINUTE);
  return Math.min(Math.max(part, USUAL_ANSWER_TOKENS), LONGEST_UNASKED_ANSWER_TOKENS);
}
