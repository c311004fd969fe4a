import type { ChatCall } from '../completions/complete-chat-port.js';
import { ChunkEncoder, DONE_EVENT, type ChatUsage } from '../completions/chat-response.js';
import type { FinishReason } from '@millrace/contracts/openai';

/**
 * Writes one streamed answer at the caller's pace. Text of one event-loop turn goes out as one event;
 * while the caller does not keep up the text gathers here, bounded by the length of the answer.
 */
export class StreamWriter {
  private readonly encoder: ChunkEncoder;
  private gathered = '';
  private flushIsDue = false;
  private blocked: Promise<void> | undefined;

  constructor(
    private readonly reply: ChatCall['reply'],
    identity: { id: string; createdAtMs: number; model: string },
    includeUsage: boolean,
  ) {
    this.encoder = new ChunkEncoder(identity, includeUsage);
  }

  text(text: string): void {
    this.gathered += text;
    if (this.flushIsDue || this.blocked) return;
    this.flushIsDue = true;
    queueMicrotask(() => {
      this.flushIsDue = false;
      if (!this.blocked) this.flush();
    });
  }

  /** Everything that is left, the finish and the end of the stream. */
  async finish(reason: FinishReason, usage: ChatUsage): Promise<void> {
    while (this.blocked) await this.blocked;
    this.start();
    const text = this.takeText();
    this.reply.write(text + this.encoder.finish(reason) + this.encoder.usage(usage) + DONE_EVENT);
    this.reply.end();
  }

  private flush(): void {
    this.start();
    const event = this.takeText();
    if (event === '' || this.reply.write(event)) return;
    this.blocked = this.reply.drained().then(() => {
      this.blocked = undefined;
      this.flush();
    });
  }

  private start(): void {
    if (this.reply.started) return;
    this.reply.startStream();
    this.reply.write(this.encoder.first());
  }

  private takeText(): string {
    const text = this.gathered;
    this.gathered = '';
    return text === '' ? '' : this.encoder.text(text);
  }
}
