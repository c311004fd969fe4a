import type { FinishReason } from '@millrace/contracts/openai';
import type { Pacer } from '@millrace/platform/pacing';
import type { ChatCall } from '../completions/complete-chat-port.js';
import type { StreamEncoder } from '../completions/stream-encoder.js';
import type { AnswerPiece, JobUsage } from '../queueing/owned-job.js';

/** What has come of one choice and has not gone out. */
interface Gathered {
  pieces: AnswerPiece[];
  finishReason: FinishReason | undefined;
}

/** Hears whether the caller keeps up. */
export interface CallerListener {
  onBehind(): void;
  onCaughtUp(): void;
}

/**
 * Writes one streamed answer at the caller's pace. Pieces of one event-loop turn go out together, while the process is
 * busy those of some milliseconds, but the first ones never wait. While the caller does not keep up pieces gather
 * here; whoever listens sees to it that no more come than it can hold.
 */
export class StreamWriter {
  private readonly gathered: Gathered[];
  private begun = false;
  private waitsForReader = false;
  private flushIsDue = false;
  private stopped = false;
  private blocked: Promise<void> | undefined;

  constructor(
    private readonly reply: ChatCall['reply'],
    private readonly encoder: StreamEncoder,
    private readonly options: { choices: number; pacer: Pacer; caller: CallerListener },
  ) {
    const { choices } = options;
    this.gathered = Array.from({ length: choices }, () => ({ pieces: [], finishReason: undefined }));
  }

  /** The next piece of a choice. */
  piece(choice: number, piece: AnswerPiece): void {
    this.gathered[choice]?.pieces.push(piece);
    if (piece.text === '' || this.flushIsDue || this.blocked) return;
    this.flushIsDue = true;
    const { pacer } = this.options;
    if (pacer.idle || !this.begun) queueMicrotask(this.flushDue);
    else pacer.later(this.flushDue);
  }

  /** Says something to a caller who waits; the first comment goes out with the headers. None follows the answer's begin. */
  comment(comment: string): void {
    if (this.begun || this.waitsForReader) return;
    if (!this.reply.started) this.reply.startStream();
    if (this.reply.write(comment)) return;
    // A caller who reads no comments gets no more of them; the answer waits for nothing.
    this.waitsForReader = true;
    void this.reply.drained().then(() => (this.waitsForReader = false));
  }

  /** A choice is complete; this goes out with what comes next, another choice's piece or the end. */
  finish(choice: number, reason: FinishReason): void {
    const gathered = this.gathered[choice];
    if (gathered) gathered.finishReason = reason;
  }

  /** Everything that is left, and the end of the stream. */
  async end(usage: JobUsage): Promise<void> {
    while (this.blocked) await this.blocked;
    this.start();
    this.reply.write(this.takeEvents() + this.encoder.end(usage));
    this.reply.end();
  }

  /**
   * Whatever the end was: what has come of a stream that has begun goes out to a caller who keeps up, and nothing after
   * it. The encoder has counted all of it, sent or not.
   */
  stop(): void {
    this.stopped = true;
    const events = this.takeEvents();
    if (events !== '' && this.begun && !this.blocked) this.reply.write(events);
  }

  private readonly flushDue = (): void => {
    this.flushIsDue = false;
    if (!this.blocked) this.flush();
  };

  private flush(): void {
    if (this.stopped) return;
    this.start();
    const events = this.takeEvents();
    if (events === '' || this.reply.write(events)) return;
    const { caller } = this.options;
    caller.onBehind();
    this.blocked = this.reply.drained().then(() => {
      this.blocked = undefined;
      caller.onCaughtUp();
      this.flush();
    });
  }

  private start(): void {
    if (this.begun) return;
    this.begun = true;
    if (!this.reply.started) this.reply.startStream();
    this.reply.write(this.encoder.first());
  }

  private takeEvents(): string {
    let events = '';
    for (const [choice, gathered] of this.gathered.entries()) {
      const { pieces, finishReason } = gathered;
      if (pieces.length > 0) {
        gathered.pieces = [];
        events += this.encoder.encode(choice, pieces);
      }
      if (finishReason === undefined) continue;
      gathered.finishReason = undefined;
      events += this.encoder.finish(choice, finishReason);
    }
    return events;
  }
}
