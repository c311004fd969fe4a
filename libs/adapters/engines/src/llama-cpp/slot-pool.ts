import type { LlamaContext, LlamaContextSequence, Token } from 'node-llama-cpp';

/** Room for one answer; keeps the tokens of its last one, so that a common beginning is not read again. */
export interface Slot {
  readonly sequence: LlamaContextSequence;
  /** Count of answers this pool had begun when the slot was last given back; the smallest is the oldest. */
  lastUsed: number;
}

/** Owns the sequences of a context for its whole life; each is used by one answer at a time. */
export class SlotPool {
  private readonly free: Slot[];
  private readonly waiting: { tokens: Token[]; grant: (slot: Slot) => void }[] = [];
  private clock = 0;

  constructor(context: LlamaContext) {
    this.free = Array.from({ length: context.totalSequences }, () => ({
      sequence: context.getSequence(),
      lastUsed: 0,
    }));
  }

  /** The free slot that already holds most of these tokens; waits when all are in use. */
  async acquire(tokens: Token[]): Promise<Slot> {
    const slot = this.takeBest(tokens);
    if (slot !== undefined) return slot;
    return new Promise((grant) => this.waiting.push({ tokens, grant }));
  }

  release(slot: Slot): void {
    this.clock += 1;
    slot.lastUsed = this.clock;
    this.free.push(slot);
    const next = this.waiting.shift();
    if (next === undefined) return;
    const granted = this.takeBest(next.tokens);
    if (granted !== undefined) next.grant(granted);
  }

  private takeBest(tokens: Token[]): Slot | undefined {
    let best: { slot: Slot; common: number } | undefined;
    for (const slot of this.free) {
      const common = slot.sequence.compareContextTokens(tokens).firstDifferentIndex;
      const older = best !== undefined && common === best.common && slot.lastUsed < best.slot.lastUsed;
      if (best === undefined || common > best.common || older) best = { slot, common };
    }
    if (best === undefined) return undefined;
    this.free.splice(this.free.indexOf(best.slot), 1);
    return best.slot;
  }
}
