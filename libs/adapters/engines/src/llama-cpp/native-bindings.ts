import type { Llama, LlamaContext, LlamaGrammarEvaluationState, LlamaModel, Token, TokenBias } from 'node-llama-cpp';

/**
 * What llama.cpp can do but node-llama-cpp does not export. The version of node-llama-cpp is pinned, and the tests of
 * formats, sampling and log probabilities fail when an upgrade changes one of these.
 */
interface Internals {
  _bindings: {
    AddonSampler: {
      new (model: unknown): NativeSampler;
      acceptGrammarEvaluationStateToken: (state: unknown, token: Token) => void;
    };
  };
}
interface NativeSampler {
  applyConfig: (config: object) => void;
}
interface NativeContext {
  sampleToken: (...args: unknown[]) => Promise<unknown>;
}

/** Natural log probabilities of the likeliest tokens of a step, likeliest first, and of the one that was sampled. */
export type StepOdds = ReadonlyMap<Token, number>;

/** So many alternatives OpenAI gives at most. */
const TOP = 20;

/** Moves a grammar on by one token, as if it had just been sampled. Throws when the grammar does not allow it. */
export function acceptToken(llama: Llama, state: LlamaGrammarEvaluationState, token: Token): void {
  const { _bindings } = llama as unknown as Internals;
  const { _state } = state as unknown as { _state: unknown };
  _bindings.AddonSampler.acceptGrammarEvaluationStateToken(_state, token);
}

/** Adds to the logits of a token. `TokenBias.set` leaves out the tokens that end an answer, which callers may ban. */
export function setBias(bias: TokenBias, token: Token, logit: number): void {
  (bias as unknown as { _biases: Map<Token, number> })._biases.set(token, logit);
}

/**
 * From now on steps that ask for `confidence` get StepOdds instead. node-llama-cpp reads probabilities behind bias,
 * penalties, temperature and filters; here a second, greedy sampler without any of them reads the same logits.
 */
export function giveStepOdds(context: LlamaContext, model: LlamaModel): void {
  const { _ctx: native } = context as unknown as { _ctx: NativeContext };
  const { _model: nativeModel } = model as unknown as { _model: unknown };
  const { AddonSampler } = (model.llama as unknown as Internals)._bindings;
  const sampleToken = native.sampleToken.bind(native);
  const idleSamplers: NativeSampler[] = [];
  const newSampler = (): NativeSampler => {
    const sampler = new AddonSampler(nativeModel);
    sampler.applyConfig({});
    return sampler;
  };
  const sampleWithOdds = async (logitIndex: unknown, sampler: unknown): Promise<unknown> => {
    const token = await sampleToken(logitIndex, sampler);
    const raw = idleSamplers.pop() ?? newSampler();
    const filter = [[token], false, false, true, TOP];
    const [, , , logits, weight] = (await sampleToken(logitIndex, raw, false, false, filter, true)) as unknown[];
    idleSamplers.push(raw);
    return [token, undefined, stepOdds(logits as number[], weight as number)];
  };
  const sample: NativeContext['sampleToken'] = (...args) =>
    args[3] === true ? sampleWithOdds(args[0], args[1]) : sampleToken(...args);
  // The native method is read-only, but only on the prototype.
  Object.defineProperty(native, 'sampleToken', { value: sample });
}

/** What a step that asked for `confidence` got. */
export function oddsOf(step: object): StepOdds | undefined {
  return (step as { confidence?: StepOdds }).confidence;
}

/** `logits` are ids and logits in turns, the largest first; `weight` is the sum over all tokens of e^(logit - largest). */
function stepOdds(logits: readonly number[], weight: number): StepOdds {
  const [, largest = 0] = logits;
  const logWeight = Math.log(weight);
  const odds = new Map<Token, number>();
  for (let at = 0; at + 1 < logits.length; at += 2) {
    odds.set(logits[at] as Token, (logits[at + 1] ?? 0) - largest - logWeight);
  }
  return odds;
}
