import type { Llama, LlamaGrammarEvaluationState, Token } from 'node-llama-cpp';

/** What node-llama-cpp can do but does not export. Checked by the tests of this folder at every upgrade. */
interface Internals {
  _bindings: {
    AddonSampler: { acceptGrammarEvaluationStateToken: (state: unknown, token: Token) => void };
  };
}

/** Moves a grammar on by one token, as if it had just been sampled. Throws when the grammar does not allow it. */
export function acceptToken(llama: Llama, state: LlamaGrammarEvaluationState, token: Token): void {
  const { _bindings } = llama as unknown as Internals;
  const { _state } = state as unknown as { _state: unknown };
  _bindings.AddonSampler.acceptGrammarEvaluationStateToken(_state, token);
}
