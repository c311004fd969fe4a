import type { LlamaModel, Token } from 'node-llama-cpp';
import type { GenerateRequest, GenerateUsage } from '../engine-driver.js';
import { AnswerText } from '../answer-text/answer-text.js';
import { contextExceeded } from '../engine-host/context-exceeded.js';
import type { AnswerControl } from '../engine-host/hosted-engine.js';
import { leastPromptTokens } from '../engine-host/least-prompt-tokens.js';
import { answerGrammar } from './grammar/answer-grammar.js';
import { createGrammarGuide } from './grammar-guide.js';
import type { GrammarGuide } from './grammar-guide.js';
import { decodeTokens } from './decode-tokens.js';
import type { PromptRenderer } from './render-prompt.js';
import { mustReproduce, samplingOptions } from './sampling.js';
import type { Slot, SlotPool } from './slot-pool.js';

/** A model in memory and what answers are made with. */
export interface LoadedModel {
  model: LlamaModel;
  slots: SlotPool;
  prompts: PromptRenderer;
  contextLength: number;
}

/** Renders, checks the length, waits for a slot, generates. Ends with `finished` or throws EngineError. */
export async function generateAnswer(
  loaded: LoadedModel,
  request: GenerateRequest,
  control: AnswerControl,
): Promise<void> {
  const gbnf = answerGrammar(request, loaded.prompts.toolForm);
  const prompt = readPromptTokens(loaded, request);
  const grammar = gbnf === undefined ? undefined : await createGrammarGuide(loaded.model, gbnf);
  const slot = await loaded.slots.acquire(prompt);
  try {
    await new Answer(loaded, request, { prompt, grammar }).run(slot, control);
  } catch (error) {
    // A failed step leaves the slot in an unknown state, so nothing of it is reused.
    await slot.sequence.clearHistory();
    throw error;
  } finally {
    loaded.slots.release(slot);
  }
}

function readPromptTokens({ model, prompts, contextLength }: LoadedModel, request: GenerateRequest): Token[] {
  const leastTokens = leastPromptTokens(request);
  if (leastTokens >= contextLength) throw contextExceeded(contextLength, `at least ${String(leastTokens)}`);
  const text = prompts.render(request);
  const tokens = model.tokenize(text, true);
  const { bos, shouldPrependBosToken } = model.tokens;
  if (shouldPrependBosToken && bos !== null && tokens[0] !== bos) tokens.unshift(bos);
  if (tokens.length < contextLength) return tokens;
  throw contextExceeded(contextLength, String(tokens.length));
}

/** One answer on one slot. */
class Answer {
  private readonly prompt: readonly Token[];
  private readonly grammar: GrammarGuide | undefined;
  private readonly text: AnswerText;
  private readonly delivered: Token[];
  private readonly maxTokens: number;
  private completionTokens = 0;
  private cachedTokens = 0;

  constructor(
    private readonly loaded: LoadedModel,
    private readonly request: GenerateRequest,
    { prompt, grammar }: { prompt: readonly Token[]; grammar: GrammarGuide | undefined },
  ) {
    this.prompt = prompt;
    this.grammar = grammar;
    const { model, contextLength } = loaded;
    this.text = new AnswerText({
      detokenize: (ids, before) => model.detokenize(ids as Token[], false, before as Token[]),
      stop: request.stop,
      deliveredBytes: request.deliveredBytes,
    });
    this.delivered = [...request.deliveredTokenIds] as Token[];
    this.maxTokens = Math.min(request.maxCompletionTokens ?? Infinity, contextLength - prompt.length);
  }

  async run(slot: Slot, control: AnswerControl): Promise<void> {
    const { emit, onStep, signal } = control;
    const reason = signal.aborted ? 'cancelled' : await this.generate(slot, control);
    if (reason === 'length' || reason === 'end-of-turn') {
      const text = this.text.flush();
      if (text !== '') emit({ kind: 'chunk', tokenIds: [], text });
    }
    onStep();
    emit({ kind: 'finished', reason: reason === 'end-of-turn' ? 'stop' : reason, usage: this.usage() });
  }

  private async generate(
    slot: Slot,
    { emit, onStep, signal, pace }: AnswerControl,
  ): Promise<'stop' | 'length' | 'cancelled' | 'end-of-turn'> {
    const { delivered, loaded, grammar } = this;
    const ids = decodeTokens(slot.sequence, {
      prompt: this.prompt,
      delivered,
      options: {
        ...samplingOptions(this.request.sampling),
        ...(grammar !== undefined && { grammarEvaluationState: () => grammar.state }),
      },
      mayReuse: !mustReproduce(this.request.sampling),
      signal,
      onStep,
      onCached: (tokens) => (this.cachedTokens = tokens),
      onDiffering: (position) => grammar?.restart(delivered.slice(0, position + 1)),
    });
    for await (const id of ids) {
      if (loaded.model.isEogToken(id)) return 'end-of-turn';
      this.completionTokens += 1;
      const { text, stopped } = this.text.push(id);
      const isNew = this.completionTokens > delivered.length;
      if (isNew || text !== '') emit({ kind: 'chunk', tokenIds: isNew ? [id] : [], text });
      else onStep();
      if (stopped) return 'stop';
      if (this.completionTokens >= this.maxTokens) return 'length';
      await pace.keptUp();
    }
    return 'cancelled';
  }

  private usage(): GenerateUsage {
    return {
      promptTokens: this.prompt.length,
      completionTokens: this.completionTokens,
      cachedTokens: this.cachedTokens,
    };
  }
}
