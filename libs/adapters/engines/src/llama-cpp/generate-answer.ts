import type { LlamaModel, SequenceEvaluateOptions, Token } from 'node-llama-cpp';
import { leastPromptTokens } from '@millrace/domain/prompt-size';
import type { GenerateEvent, GenerateRequest, GenerateUsage } from '../engine-driver.js';
import { AnswerLogprobs } from '../answer-text/answer-logprobs.js';
import { AnswerText } from '../answer-text/answer-text.js';
import type { Detokenize } from '../answer-text/token-text.js';
import { contextExceeded } from '../engine-host/context-exceeded.js';
import type { AnswerControl } from '../engine-host/hosted-engine.js';
import { answerGrammar } from './grammar/answer-grammar.js';
import { createGrammarGuide } from './grammar-guide.js';
import type { GrammarGuide } from './grammar-guide.js';
import { decodeTokens } from './decode-tokens.js';
import type { StepOdds } from './native-bindings.js';
import type { PromptRenderer } from './render-prompt.js';
import { mustReproduce, samplingOptions } from './sampling.js';
import type { Slot, SlotPool } from './slot-pool.js';
import type { TokenBytes } from './token-bytes.js';
import { CALL_END } from './tool-marks.js';

/** A model in memory and what answers are made with. */
export interface LoadedModel {
  model: LlamaModel;
  slots: SlotPool;
  prompts: PromptRenderer;
  detokenize: Detokenize;
  bytes: TokenBytes;
  contextLength: number;
}

/** Renders, checks the length, waits for a slot, generates. Ends with `finished` or throws EngineError. */
export async function generateAnswer(
  loaded: LoadedModel,
  request: GenerateRequest,
  control: AnswerControl,
): Promise<void> {
  const asked = answerGrammar(request, loaded.prompts.toolForm);
  const prompt = readPromptTokens(loaded, request);
  const grammar = asked === undefined ? undefined : await createGrammarGuide(loaded.model, asked);
  const answer = new Answer(loaded, request, { prompt, grammar });
  const slot = await loaded.slots.acquire(prompt);
  try {
    await answer.run(slot, control);
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
  private readonly options: SequenceEvaluateOptions;
  /** All ids of the answer, those of earlier attempts first. */
  private readonly ids: Token[] = [];
  private readonly logprobs: AnswerLogprobs | undefined;
  /** Of the token that is being added. */
  private odds: StepOdds = new Map();
  private cachedTokens = 0;

  constructor(
    private readonly loaded: LoadedModel,
    private readonly request: GenerateRequest,
    { prompt, grammar }: { prompt: readonly Token[]; grammar: GrammarGuide | undefined },
  ) {
    this.prompt = prompt;
    this.grammar = grammar;
    const { model, detokenize, bytes, contextLength } = loaded;
    const { stop, deliveredBytes, toolUse, sampling, topLogprobs: top } = request;
    const lastWords = toolUse?.parallel === false ? [CALL_END] : [];
    const logprobs =
      top === undefined ? undefined : new AnswerLogprobs({ top, deliveredBytes, bytes: (id) => bytes(id as Token) });
    this.logprobs = logprobs;
    this.text = new AnswerText({
      ...{ detokenize, stop, lastWords, deliveredBytes },
      ...(logprobs !== undefined && {
        onPiece: (id, piece, isWhole) => logprobs.push({ id, odds: this.odds }, piece, isWhole),
      }),
    });
    this.options = {
      ...samplingOptions(sampling, model, () => this.ids),
      ...(grammar !== undefined && { grammarEvaluationState: () => grammar.state }),
    };
    this.delivered = [...request.deliveredTokenIds] as Token[];
    this.maxTokens = Math.min(request.maxCompletionTokens ?? Infinity, contextLength - prompt.length);
  }

  async run(slot: Slot, control: AnswerControl): Promise<void> {
    const { emit, onStep, signal } = control;
    const reason = signal.aborted ? 'cancelled' : await this.generate(slot, control);
    if (reason === 'length' || reason === 'end-of-turn') {
      const text = this.text.flush();
      if (text !== '') emit(this.chunk([], text));
    }
    onStep();
    emit({ kind: 'finished', reason: reason === 'end-of-turn' ? 'stop' : reason, usage: this.usage() });
  }

  private async generate(
    slot: Slot,
    { emit, onStep, signal, pace }: AnswerControl,
  ): Promise<'stop' | 'length' | 'cancelled' | 'end-of-turn'> {
    const { delivered, loaded, grammar } = this;
    const steps = decodeTokens(slot.sequence, {
      prompt: this.prompt,
      delivered,
      options: this.options,
      withOdds: this.logprobs !== undefined,
      mayReuse: !mustReproduce(this.request.sampling),
      signal,
      onStep,
      onCached: (tokens) => (this.cachedTokens = tokens),
      onDiffering: (position) => grammar?.restart(delivered.slice(0, position + 1)),
    });
    for await (const { id, odds } of steps) {
      if (loaded.model.isEogToken(id)) return 'end-of-turn';
      this.ids.push(id);
      if (odds !== undefined) this.odds = odds;
      const { text, stopped } = this.text.push(id);
      const isNew = this.ids.length > delivered.length;
      if (isNew || text !== '') emit(this.chunk(isNew ? [id] : [], text));
      else onStep();
      if (stopped) return 'stop';
      if (this.ids.length >= this.maxTokens) return 'length';
      await pace.keptUp();
    }
    return 'cancelled';
  }

  private chunk(tokenIds: number[], text: string): GenerateEvent {
    if (this.logprobs === undefined) return { kind: 'chunk', tokenIds, text };
    return { kind: 'chunk', tokenIds, text, logprobs: this.logprobs.take(text) };
  }

  private usage(): GenerateUsage {
    return {
      promptTokens: this.prompt.length,
      completionTokens: this.ids.length,
      cachedTokens: this.cachedTokens,
    };
  }
}
