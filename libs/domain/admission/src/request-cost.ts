import { smallestLimit, type LimitedLevel } from './limit-levels.js';

/** Tokens that an answer without `max_tokens` may have, by the tightest tokens a minute: a part of them, within bounds. */
const PART_OF_A_MINUTE = 4;
const USUAL_ANSWER_TOKENS = 256;
/** Of the tokens that fit beside the prompt in an unused limit: less than this is not worth an answer. */
const PART_WORTH_AN_ANSWER = 8;
const LONGEST_UNASKED_ANSWER_TOKENS = 4_096;
/** No context holds as many. */
const MOST_ANSWER_TOKENS = 2 ** 32 - 1;

/** What decides how many tokens a request may use. */
export interface SizedRequest {
  /** Estimated, rather too many than too few. */
  promptTokens: number;
  /** What the prompt takes in any case. */
  fewestPromptTokens: number;
  /** The most that the caller wants of each answer; left out where the caller does not say. */
  answerTokens?: number;
  /** Answers, which share the prompt. */
  choices: number;
  /** Of the model; left out where it is not known. */
  contextLength?: number;
}

/** What admission sets aside for a request, all its choices together. */
export interface RequestCost {
  /** Must be free for the request to be admitted. */
  leastTokens: number;
  /** Is held where so much is free. */
  mostTokens: number;
}

/**
 * What a request costs on entry: more than a level's whole limit only if it can never fit. A caller who names
 * `max_tokens` gets exactly that. For one who does not, what is free is held up to a bound, and the answer may be as
 * long as what is held; so the first call never fails for an answer that nobody asked to be long.
 */
export function requestCost(request: SizedRequest, levels: readonly LimitedLevel[]): RequestCost {
  const limit = smallestLimit(levels, ['tokensPerMinute', 'tokensPerMonth']) ?? Infinity;
  const { answerTokens } = request;
  if (answerTokens === undefined) return costOfUnaskedLength(request, levels, limit);
  const answer = Math.min(answerTokens, contextRoom(request));
  const tokens = withinLimit(request, answer, limit);
  return { leastTokens: tokens, mostTokens: tokens };
}

function costOfUnaskedLength(request: SizedRequest, levels: readonly LimitedLevel[], limit: number): RequestCost {
  const most = Math.min(contextRoom(request), unaskedAnswerTokens(levels));
  const fitting = (limit - request.promptTokens) / request.choices;
  const least = Math.max(1, Math.min(most, USUAL_ANSWER_TOKENS, Math.floor(fitting / PART_WORTH_AN_ANSWER)));
  const leastTokens = withinLimit(request, least, limit);
  return { leastTokens, mostTokens: Math.max(leastTokens, request.promptTokens + request.choices * most) };
}

/** An estimate does not keep out what may fit: then it takes the whole limit, and what it really used is settled. */
function withinLimit(request: SizedRequest, answerTokens: number, limit: number): number {
  const answers = request.choices * answerTokens;
  return Math.max(request.fewestPromptTokens + answers, Math.min(request.promptTokens + answers, limit));
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
  const beside = (promptTokens: number): number => Math.floor((heldTokens - promptTokens) / request.choices);
  // A prompt whose estimate fills all that is held leaves its answer a usual length none the less.
  const besidePrompt = beside(request.promptTokens);
  const besideFewest = Math.max(1, Math.min(USUAL_ANSWER_TOKENS, beside(request.fewestPromptTokens)));
  const allowed = besidePrompt > 0 ? besidePrompt : besideFewest;
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
