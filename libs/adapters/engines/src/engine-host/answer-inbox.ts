import type { Pacer } from '@millrace/platform/pacing';
import type { EngineError, GenerateEvent } from '../engine-driver.js';

/** Bounds what waits for a slow reader. */
export interface InboxLimit {
  /** Tokens that may wait unread; a few more come until the engine has heard of it. */
  maxUnreadTokens: number;
  /** Too much waits (true), or the reader has caught up again (false). Called in turns. */
  onFull: (full: boolean) => void;
}

/** Events of one answer between the host and its reader. Chunks that were not read yet become one. */
export class AnswerInbox {
  private readonly events: GenerateEvent[] = [];
  private failure: EngineError | undefined;
  private wake: (() => void) | undefined;
  private hasEnded = false;
  private wakeAtEnd: (() => void) | undefined;
  private unreadTokens = 0;
  private isFull = false;

  constructor(private readonly limit: InboxLimit) {}

  push(event: GenerateEvent): void {
    const last = this.events.at(-1);
    if (event.kind === 'chunk' && last?.kind === 'chunk') {
      last.tokenIds.push(...event.tokenIds);
      last.text += event.text;
      if (event.logprobs !== undefined) last.logprobs = [...(last.logprobs ?? []), ...event.logprobs];
    } else {
      this.events.push(event);
    }
    if (event.kind === 'chunk') this.count(event.tokenIds.length);
    else this.end();
    this.wake?.();
  }

  /** What was pushed before is still read first. */
  fail(error: EngineError): void {
    this.failure ??= error;
    this.end();
    this.wake?.();
  }

  /** The next event; throws what `fail` was told. One reader at a time. */
  async next(): Promise<GenerateEvent> {
    for (;;) {
      const event = this.events.shift();
      if (event?.kind === 'chunk') this.count(-event.tokenIds.length);
      if (event !== undefined) return event;
      if (this.failure !== undefined) throw this.failure;
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }

  /** Lets chunks gather until the end of the pacer's window; an answer that has ended waits for nothing. */
  async gather(pacer: Pacer): Promise<void> {
    if (pacer.idle || this.hasEnded) return;
    await new Promise<void>((resolve) => {
      this.wakeAtEnd = resolve;
      pacer.later(resolve);
    });
  }

  private end(): void {
    this.hasEnded = true;
    this.wakeAtEnd?.();
  }

  private count(tokens: number): void {
    this.unreadTokens += tokens;
    const isFull = this.unreadTokens >= this.limit.maxUnreadTokens;
    if (isFull === this.isFull) return;
    this.isFull = isFull;
    this.limit.onFull(isFull);
  }
}
