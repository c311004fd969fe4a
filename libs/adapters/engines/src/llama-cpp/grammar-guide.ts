import { LlamaGrammarEvaluationState } from 'node-llama-cpp';
import type { LlamaGrammar, LlamaModel, Token } from 'node-llama-cpp';
import { EngineError } from '../engine-driver.js';
import type { AnswerGrammar } from './grammar/answer-grammar.js';
import { acceptToken } from './native-bindings.js';

/** Keeps one answer inside a grammar. The sampler moves its state on with every token that it samples. */
export class GrammarGuide {
  private current: LlamaGrammarEvaluationState;

  constructor(
    private readonly model: LlamaModel,
    private readonly grammar: LlamaGrammar,
  ) {
    this.current = new LlamaGrammarEvaluationState({ model, grammar });
  }

  get state(): LlamaGrammarEvaluationState {
    return this.current;
  }

  /** Goes to the state behind these ids, where the answer rests on others than those that were sampled. */
  restart(ids: readonly Token[]): void {
    const { model, grammar } = this;
    this.current = new LlamaGrammarEvaluationState({ model, grammar });
    try {
      for (const id of ids) acceptToken(model.llama, this.current, id);
    } catch (cause) {
      throw new EngineError(
        'engine_error',
        'The answer cannot go on: its beginning does not fit the format that was asked for.',
        { cause },
      );
    }
  }
}

/** Throws EngineError `invalid_request` for a grammar that llama.cpp does not take; `param` asked for it. */
export async function createGrammarGuide(model: LlamaModel, { gbnf, param }: AnswerGrammar): Promise<GrammarGuide> {
  let grammar: LlamaGrammar;
  try {
    grammar = await model.llama.createGrammar({ grammar: gbnf });
  } catch (cause) {
    throw new EngineError(
      'invalid_request',
      'The JSON schema cannot be guaranteed: llama.cpp cannot make a grammar of it.',
      { param, cause },
    );
  }
  return new GrammarGuide(model, grammar);
}
