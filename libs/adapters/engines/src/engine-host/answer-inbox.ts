import type { EngineError, GenerateEvent } from '../engine-driver.js';

/** Events of one answer between the host and its reader. Chunks that were not read yet become one. */
export class AnswerInbox {
  private readonly events: GenerateEvent[] = [];
  private failure: EngineError | undefined;
  private wake: (() => void) | undefined;

  push(event: GenerateEvent): void {
    const last = this.events.at(-1);
    if (event.kind === 'chunk' && last?.kind === 'chunk') {
      last.tokenIds.push(...event.tokenIds);
      last.text += event.text;
      if (event.logprobs !== undefined) last.logprobs = [...(last.logprobs ?? []), ...event.logprobs];
    } else {
      this.events.push(event);
    }
    this.wake?.();
  }

  /** What was pushed before is still read first. */
  fail(error: EngineError): void {
    this.failure ??= error;
    this.wake?.();
  }

  /** The next event; throws what `fail` was told. One reader at a time. */
  async next(): Promise<GenerateEvent> {
    for (;;) {
      const event = this.events.shift();
      if (event !== undefined) return event;
      if (this.failure !== undefined) throw this.failure;
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
  }
}
