import { AnswerLogprobs } from '../answer-text/answer-logprobs.js';
import { AnswerText } from '../answer-text/answer-text.js';
import { EngineError } from '../engine-driver.js';
import type { GenerateRequest, GenerateUsage } from '../engine-driver.js';
import type { AnswerControl } from '../engine-host/hosted-engine.js';
import type { ReadPrompt } from './prompt-cache.js';
import type { ProvokedFailure } from '@millrace/domain/models';
import type { Steppable } from './step-loop.js';
import { detokenize, tokenBytes } from './vocabulary.js';
import { simulatedOdds } from './simulated-odds.js';
import type { TokenSource } from './write-answer.js';

/** What an answer is made of. */
export interface AnswerPlan {
  request: GenerateRequest;
  prompt: ReadPrompt;
  source: TokenSource;
  /** Of the whole answer, at most. */
  maxTokens: number;
  timeToFirstTokenMs: number;
  tokenMs: number;
  failure: ProvokedFailure | undefined;
}

type Reason = 'stop' | 'length' | 'cancelled';

/** Tokens one step gives at most: an engine that cannot keep its pace is late, it does not make up for it at once. */
const MOST_TOKENS_A_STEP = 256;

/** One answer on one slot: gives its tokens when they are due. */
export class SimulatedAnswer implements Steppable {
  dueMs: number;
  private readonly text: AnswerText;
  private readonly logprobs: AnswerLogprobs | undefined;
  private completionTokens = 0;
  /** Whether the answer has joined the steps that all running answers do together. */
  private isInStep = false;
  /** Tokens after which the answer goes wrong; what an earlier attempt survived is not repeated. */
  private readonly failsAt: number | undefined;

  constructor(
    private readonly plan: AnswerPlan,
    private readonly control: AnswerControl,
    private readonly events: {
      /** The answer has ended; with an error when it was made to fail. */
      onEnd: (error?: EngineError) => void;
      /** The answer, which has waited for its reader, has a step to do. */
      onDue: () => void;
    },
  ) {
    const { stop, deliveredBytes, deliveredTokenIds, topLogprobs: top } = plan.request;
    if (top !== undefined) this.logprobs = new AnswerLogprobs({ top, deliveredBytes, bytes: tokenBytes });
    const { logprobs } = this;
    this.text = new AnswerText({
      ...{ detokenize, stop, deliveredBytes },
      ...(logprobs !== undefined && {
        onPiece: (id, piece, isWhole) => logprobs.push({ id, odds: simulatedOdds(id) }, piece, isWhole),
      }),
    });
    this.dueMs = performance.now() + plan.timeToFirstTokenMs;
    const afterTokens = plan.failure?.afterTokens;
    if (afterTokens === 0 || (afterTokens ?? 0) > deliveredTokenIds.length) this.failsAt = afterTokens;
  }

  /** Ends the answer before its next token. */
  cancel(): void {
    this.finish('cancelled');
  }

  step(nowMs: number): void {
    if (this.control.pace.isPaused) return this.waitForReader();
    const tokenIds: number[] = [];
    let { text, reason } = this.replay();
    const goesOn = (): boolean => this.dueMs <= nowMs && this.completionTokens !== this.failsAt;
    while (reason === undefined && tokenIds.length < MOST_TOKENS_A_STEP && goesOn()) {
      const id = this.plan.source.next();
      tokenIds.push(id);
      const more = this.take(id);
      text += more.text;
      reason = more.reason;
      this.dueMs = this.nextDueMs();
    }
    if (tokenIds.length === MOST_TOKENS_A_STEP) this.dueMs = Math.max(this.dueMs, nowMs);
    if (tokenIds.length > 0 || text !== '') this.emit(tokenIds, text);
    if (reason !== undefined) this.finish(reason);
    else if (this.completionTokens === this.failsAt) this.fail();
  }

  /** A prompt is read on its own; from its first token on an answer shares its steps with the others, one token in each. */
  private nextDueMs(): number {
    const { tokenMs } = this.plan;
    if (this.isInStep) return this.dueMs + tokenMs;
    this.isInStep = true;
    return (Math.floor(this.dueMs / tokenMs) + 1) * tokenMs;
  }

  private emit(tokenIds: number[], text: string): void {
    const { logprobs } = this;
    this.control.emit({ kind: 'chunk', tokenIds, text, ...(logprobs && { logprobs: logprobs.take(text) }) });
  }

  /** Before the first new token: the ids that earlier attempts delivered. */
  private replay(): { text: string; reason?: Reason } {
    const { request, source } = this.plan;
    let text = '';
    for (let at = this.completionTokens; at < request.deliveredTokenIds.length; at += 1) {
      source.next();
      const more = this.take(request.deliveredTokenIds[at] ?? 0);
      text += more.text;
      if (more.reason !== undefined) return { text, reason: more.reason };
    }
    return { text };
  }

  /** One more id of the answer: the text it adds, and the reason if it is the last. */
  private take(id: number): { text: string; reason?: Reason } {
    this.completionTokens += 1;
    const { text, stopped } = this.text.push(id);
    if (stopped) return { text, reason: 'stop' };
    const { maxTokens, source } = this.plan;
    if (this.completionTokens >= maxTokens) return { text: text + this.text.flush(), reason: 'length' };
    if (this.completionTokens >= source.length) return { text: text + this.text.flush(), reason: 'stop' };
    return { text };
  }

  private waitForReader(): void {
    this.dueMs = Infinity;
    void this.control.pace.keptUp().then(() => {
      if (this.control.signal.aborted) return;
      this.dueMs = performance.now();
      this.events.onDue();
    });
  }

  private finish(reason: Reason): void {
    this.dueMs = Infinity;
    this.control.emit({ kind: 'finished', reason, usage: this.usage() });
    this.events.onEnd();
  }

  private fail(): void {
    this.dueMs = Infinity;
    switch (this.plan.failure?.kind) {
      case 'crash':
        return killSoon('SIGKILL');
      case 'hang':
        return killSoon('SIGSTOP');
      case 'fail':
        return this.events.onEnd(new EngineError('engine_error', 'The simulated engine was asked to fail here.'));
      case 'stall':
      case undefined:
        return;
    }
  }

  private usage(): GenerateUsage {
    const { tokens, cachedTokens } = this.plan.prompt;
    return { promptTokens: tokens, completionTokens: this.completionTokens, cachedTokens };
  }
}

/** After what was emitted in this turn has left: that waits for the same queue, and came first. */
function killSoon(signal: NodeJS.Signals): void {
  setImmediate(() => process.kill(process.pid, signal));
}
