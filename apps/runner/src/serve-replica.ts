import { setTimeout as delay } from 'node:timers/promises';
import type { TakenTicket, TicketTaker } from '@millrace/adapters/completion-queue';
import { serveJob, type ServeTools } from './serve-job.js';
import { SlotGate } from './slot-gate.js';

/** Pause after a failed take, while Redis is away. */
const TAKE_AGAIN_MS = 250;
/** Takes on their way to Redis at once; more do not make a burst start sooner. */
const TAKES_AT_ONCE = 16;

/**
 * Serves tickets of one deployment on one replica, as many at once as it has slots.
 * A ticket is taken only with a free slot in hand, so that the backlog stays in the queue.
 */
export class ReplicaService {
  private readonly slots: SlotGate;
  private stopped = false;
  private isGone = false;
  private serving = 0;
  private servedAtMs = 0;

  constructor(
    private readonly taker: Pick<TicketTaker, 'take' | 'takeWaiting' | 'close'>,
    private readonly tools: ServeTools,
    slotCount: number,
  ) {
    this.slots = new SlotGate(slotCount);
  }

  /** Slots that a job is in; one more is held in advance by the take that waits. */
  get usedSlots(): number {
    return this.serving;
  }

  /** When the newest job ended, by `performance.now()`; 0 before the first. */
  get lastServedAtMs(): number {
    return this.servedAtMs;
  }

  /** Runs until `stopTaking`. */
  async run(): Promise<void> {
    while (!this.stopped) {
      await this.slots.acquire();
      const taken = await this.takeNext();
      if (taken === undefined) {
        this.slots.release();
        continue;
      }
      this.serve(taken);
      await this.takeRest();
    }
  }

  /** Takes no further ticket; a wait in progress ends at once. */
  async stopTaking(): Promise<void> {
    this.stopped = true;
    await this.taker.close();
  }

  /** The engine is gone: takes no further ticket, and one that was on its way here goes back unclaimed. */
  async abandon(): Promise<void> {
    this.isGone = true;
    await this.stopTaking();
  }

  /** Resolves when every job in hand has ended. */
  async drained(): Promise<void> {
    await this.slots.idle();
  }

  private async takeNext(): Promise<TakenTicket | undefined> {
    while (!this.isStopped()) {
      try {
        const taken = await this.taker.take();
        if (taken !== undefined) return taken;
      } catch (error) {
        if (this.isStopped()) return undefined;
        this.tools.onError(error, 'take a ticket');
        await delay(TAKE_AGAIN_MS);
      }
    }
    return undefined;
  }

  /**
   * A ticket seldom comes alone: takes what waits behind it, each find leading to two more takes, until the queue or
   * the slots are empty. So a single request costs one empty take and a burst starts within a few round trips.
   */
  private async takeRest(): Promise<void> {
    let onTheirWay = 0;
    const takeOne = async (): Promise<void> => {
      if (this.stopped || onTheirWay >= TAKES_AT_ONCE || !this.slots.tryAcquire()) return;
      onTheirWay += 1;
      const taken = await this.takeWaiting();
      onTheirWay -= 1;
      if (taken === undefined) {
        this.slots.release();
        return;
      }
      this.serve(taken);
      await Promise.all([takeOne(), takeOne()]);
    };
    await takeOne();
  }

  /** A failure ends the burst; the loop's own take meets it again and waits. */
  private async takeWaiting(): Promise<TakenTicket | undefined> {
    try {
      return await this.taker.takeWaiting();
    } catch (error) {
      if (!this.stopped) this.tools.onError(error, 'take a ticket');
      return undefined;
    }
  }

  /** A method, since the field changes while the loop waits. */
  private isStopped(): boolean {
    return this.stopped;
  }

  private serve(taken: TakenTicket): void {
    this.serving += 1;
    // An attempt on an engine that is gone would only count as one that died.
    const served = this.isGone ? taken.giveBack(0) : serveJob(taken, this.tools);
    served
      .catch((error: unknown) => {
        this.tools.onError(error, 'serve a job');
      })
      .finally(() => {
        this.serving -= 1;
        this.servedAtMs = performance.now();
        this.slots.release();
      });
  }
}
