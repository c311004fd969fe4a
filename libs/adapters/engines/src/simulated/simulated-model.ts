import { leastPromptTokens } from '@millrace/domain/prompt-size';
import type { EngineError, GenerateRequest } from '../engine-driver.js';
import { contextExceeded } from '../engine-host/context-exceeded.js';
import type { AnswerControl } from '../engine-host/hosted-engine.js';
import { constrainedText } from './constrained-text.js';
import { countTokens, PromptCache } from './prompt-cache.js';
import { promptText } from './prompt-text.js';
import { provokedFailure } from './provoked-failure.js';
import { SimulatedAnswer } from './simulated-answer.js';
import type { AnswerPlan } from './simulated-answer.js';
import type { SimulatedOptions } from '@millrace/domain/models';
import { StepLoop } from './step-loop.js';
import { writeText, writeWords } from './write-answer.js';

/** A simulated model in memory: its slots, and the answers that wait for one. */
export class SimulatedModel {
  private readonly loop = new StepLoop();
  private usedSlots = 0;
  private readonly waiting: (() => void)[] = [];
  private readonly cache: PromptCache;

  constructor(
    private readonly options: SimulatedOptions,
    private readonly capacity: { contextLength: number; slots: number },
  ) {
    this.cache = new PromptCache(capacity.contextLength * capacity.slots);
  }

  /** Waits for a slot, then generates. */
  async generate(request: GenerateRequest, control: AnswerControl): Promise<void> {
    const { failure, messages } = provokedFailure(request.messages);
    const text = this.fittingPrompt({ ...request, messages });
    await this.takeSlot();
    try {
      await this.run(this.plan(request, text, failure ?? this.options.failure), control);
    } finally {
      this.leaveSlot();
    }
  }

  private async takeSlot(): Promise<void> {
    if (this.usedSlots < this.capacity.slots) this.usedSlots += 1;
    else await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  /** Hands the slot to the answer that waits longest. */
  private leaveSlot(): void {
    const next = this.waiting.shift();
    if (next === undefined) this.usedSlots -= 1;
    else next();
  }

  /** Throws when it leaves no room for an answer. */
  private fittingPrompt(request: GenerateRequest): string {
    const { contextLength } = this.capacity;
    const leastTokens = leastPromptTokens(request);
    if (leastTokens >= contextLength) throw contextExceeded(contextLength, `at least ${String(leastTokens)}`);
    const text = promptText(request.messages, request);
    const tokens = countTokens(Buffer.byteLength(text));
    if (tokens >= contextLength) throw contextExceeded(contextLength, String(tokens));
    return text;
  }

  private plan(request: GenerateRequest, text: string, failure: AnswerPlan['failure']): AnswerPlan {
    const { answerTokens, timeToFirstTokenMs, promptTokensPerSecond = Infinity, tokensPerSecond } = this.options;
    const prompt = this.cache.read(text);
    const form = constrainedText(request);
    const { sampling, maxCompletionTokens = Infinity, deliveredTokenIds } = request;
    const seed = sampling.temperature > 0 ? (sampling.seed ?? 0) : 0;
    const unread = prompt.tokens - prompt.cachedTokens + deliveredTokenIds.length;
    return {
      request,
      prompt,
      failure,
      source:
        form === undefined ? writeWords(prompt.hash + Math.imul(seed, 0x9e3779b1), answerTokens) : writeText(form),
      maxTokens: Math.min(maxCompletionTokens, this.capacity.contextLength - prompt.tokens),
      timeToFirstTokenMs: timeToFirstTokenMs + (unread * 1000) / promptTokensPerSecond,
      tokenMs: 1000 / tokensPerSecond,
    };
  }

  private async run(plan: AnswerPlan, control: AnswerControl): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const onEnd = (error?: EngineError): void => {
        this.loop.remove(answer);
        control.signal.removeEventListener('abort', cancel);
        if (error === undefined) resolve();
        else reject(error);
      };
      const answer = new SimulatedAnswer(plan, control, { onEnd, onDue: () => this.loop.wakeBy(answer.dueMs) });
      const cancel = (): void => answer.cancel();
      if (control.signal.aborted) return cancel();
      control.signal.addEventListener('abort', cancel);
      this.loop.add(answer);
    });
  }
}
