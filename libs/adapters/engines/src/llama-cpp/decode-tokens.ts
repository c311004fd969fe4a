import type { LlamaContextSequence, SequenceEvaluateOptions, Token } from 'node-llama-cpp';
import { oddsOf } from './native-bindings.js';
import type { StepOdds } from './native-bindings.js';

/** Most prompt tokens read between two looks at the signal: a cancel and the watchdog wait for no more than that. */
const PROMPT_STEP = 128;

export interface DecodeRequest {
  prompt: readonly Token[];
  /** Ids the answer begins with: decoded one by one, exactly as if they had just been sampled. */
  delivered: readonly Token[];
  options: SequenceEvaluateOptions;
  /** Whether each step tells its odds; see `giveStepOdds`. */
  withOdds: boolean;
  /** False: the prompt is read anew, since what was read beside others differs in its last digits. */
  mayReuse: boolean;
  signal: AbortSignal;
  /** Called after each step that gives no token to the caller. */
  onStep: () => void;
  /** Called once, with the number of prompt tokens that the sequence already held. */
  onCached: (tokens: number) => void;
  /** Called when the delivered id at this position is not the one that was sampled just now. */
  onDiffering: (position: number) => void;
}

/** One id of an answer, and its odds where they were asked for. */
export interface DecodedToken {
  id: Token;
  odds: StepOdds | undefined;
}

/**
 * Yields the ids of an answer, the delivered ones first, until the caller stops or the signal aborts.
 * The sampler also runs for delivered ids, so a seeded answer continues with the random numbers of an undisturbed run.
 */
export async function* decodeTokens(
  sequence: LlamaContextSequence,
  request: DecodeRequest,
): AsyncGenerator<DecodedToken> {
  const aborted = (): boolean => request.signal.aborted;
  const rest = await readPrompt(sequence, request);
  if (aborted()) return;
  const tokens = sequence.evaluateWithMetadata(rest, { confidence: request.withOdds }, request.options);
  try {
    let step = await tokens.next();
    for (let position = 0; step.done !== true; position += 1) {
      const { token } = step.value;
      const id = request.delivered[position] ?? token;
      if (id !== token) request.onDiffering(position);
      yield { id, odds: oddsOf(step.value) };
      if (aborted()) return;
      step = await tokens.next(id);
      if (aborted()) return;
    }
  } finally {
    await tokens.return();
  }
}

/** Reads the prompt in steps, but for a last part that the first token is sampled from. */
async function readPrompt(sequence: LlamaContextSequence, request: DecodeRequest): Promise<Token[]> {
  // The last prompt token is always evaluated anew: its logits are not kept.
  if (request.mayReuse) await sequence.adaptStateToTokens(request.prompt.slice(0, -1), false);
  else await sequence.clearHistory();
  const cached = sequence.nextTokenIndex;
  request.onCached(cached);
  const rest = request.prompt.slice(cached);
  const { evaluationPriority: priority } = request.options;
  const evaluationPriority = priority === undefined ? {} : { evaluationPriority: priority };
  while (rest.length > PROMPT_STEP && !request.signal.aborted) {
    await sequence.evaluateWithoutGeneratingNewTokens(rest.splice(0, PROMPT_STEP), evaluationPriority);
    request.onStep();
  }
  return rest;
}
