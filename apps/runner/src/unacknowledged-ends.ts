import { FinishReason, type Failed, type Finished, type Orphaned } from '@millrace/contracts/runner-protocol';

/** The oldest are given up behind so many: nobody takes them, and memory is bounded. */
const MOST_ENDS = 10_000;
/** An owner that is lost for so long has been metered without us. */
const KEPT_MS = 600_000;

interface KeptEnd {
  end: Orphaned;
  sinceMs: number;
}

/**
 * How attempts have ended, each until its owner, or another API process in its place, has acknowledged it. An owner
 * acknowledges what it has metered; when it dies before, nobody else knows what the attempt has used.
 */
export class UnacknowledgedEnds {
  /** In the order in which they came. */
  private readonly ends = new Map<string, KeptEnd>();

  constructor(private readonly nowMs: () => number = Date.now) {}

  /** An attempt of a job of this owner has ended. */
  add(owner: string, end: Finished | Failed): void {
    const { jobId, attempt, usage } = end;
    const finishReason = 'finishReason' in end ? end.finishReason : FinishReason.FINISH_REASON_CANCELLED;
    this.ends.set(keyOf(end), { end: { owner, jobId, attempt, finishReason, usage }, sinceMs: this.nowMs() });
    const [oldest] = this.ends.keys();
    if (oldest !== undefined && this.ends.size > MOST_ENDS) this.ends.delete(oldest);
  }

  acknowledge(attempt: { jobId: string; attempt: number }): void {
    this.ends.delete(keyOf(attempt));
  }

  /** The owner was out of reach and is back: it lives, has gone on without these attempts, and meters its jobs itself. */
  ownerIsBack(owner: string): void {
    for (const [key, { end }] of this.ends) if (end.owner === owner) this.ends.delete(key);
  }

  /** Those whose owner is out of reach. */
  orphaned(isInReach: (owner: string) => boolean): Orphaned[] {
    const keptSinceMs = this.nowMs() - KEPT_MS;
    for (const [key, { sinceMs }] of this.ends) if (sinceMs < keptSinceMs) this.ends.delete(key);
    return [...this.ends.values()].flatMap(({ end }) => (isInReach(end.owner) ? [] : [end]));
  }
}

function keyOf({ jobId, attempt }: { jobId: string; attempt: number }): string {
  return `${jobId}-${String(attempt)}`;
}
