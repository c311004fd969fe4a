import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { Worker, type Job } from 'bullmq';
import { Redis } from 'ioredis';
import { ticketSchema, type Ticket } from '@millrace/contracts/job-contract';
import { QUEUE_PREFIX, queueName } from './queue-keys.js';

/** A ticket in this runner's hand until it is completed or given back. */
export interface TakenTicket {
  readonly ticket: Ticket;
  /** The claim was answered: the ticket has done its work. */
  complete(): Promise<void>;
  /** The claim could not be asked: the ticket waits again after the delay. */
  giveBack(delayMs: number): Promise<void>;
}

/** A ticket whose taker dies before its claim was answered returns after about this time. */
const LOCK_MS = 5_000;
const STALLED_SWEEP_MS = 2_000;
/** Seconds one blocking wait lasts at the most; bounds how long a lost wake-up matters. */
const BLOCK_SECONDS = 5;

/**
 * The runner's side of one deployment's queue: takes tickets when asked, never ahead of need.
 * The BullMQ lock only returns tickets of a dead taker; it is no lease of the generation.
 */
export class TicketTaker {
  private readonly worker: Worker<unknown, void, 'ticket'>;
  private readonly connection: Redis;
  private isClosed = false;
  private isAway = false;
  /** How to end the takes that are on their way. */
  private readonly takes = new Set<() => void>();

  constructor(
    redisUrl: string,
    readonly deploymentId: string,
    /** Hears once that Redis is away, and of tickets that cannot be read. */
    private readonly onError: (error: Error) => void,
    /** Hears that Redis is back. */
    private readonly onBack: () => void = () => undefined,
  ) {
    this.connection = new Redis(redisUrl, {
      maxRetriesPerRequest: null,
      retryStrategy: (n) => Math.min(n * 100, 1_000),
    });
    this.connection.on('error', (error) => {
      if (!this.isAway) onError(error);
      this.isAway = true;
    });
    this.connection.on('ready', () => {
      if (this.isAway) this.onBack();
      this.isAway = false;
    });
    this.worker = new Worker<unknown, void, 'ticket'>(queueName(deploymentId), null, {
      connection: this.connection,
      prefix: QUEUE_PREFIX,
      autorun: false,
      lockDuration: LOCK_MS,
      stalledInterval: STALLED_SWEEP_MS,
      maxStalledCount: Number.MAX_SAFE_INTEGER,
      drainDelay: BLOCK_SECONDS,
    });
    // Its two connections lose Redis together, and one of them says it.
    this.worker.on('error', (error) => {
      if (this.connection.status === 'ready') onError(error);
    });
  }

  /** Begins to return tickets of takers that died. */
  async start(): Promise<void> {
    await this.worker.waitUntilReady();
    await this.worker.startStalledCheckTimer();
  }

  /** Waits for a ticket for some seconds; undefined when none came or the taker was closed. One call at a time. */
  take(): Promise<TakenTicket | undefined> {
    return this.next({ block: true });
  }

  /** A ticket that waits already, if there is one. May be called several times at once. */
  takeWaiting(): Promise<TakenTicket | undefined> {
    return this.next({ block: false });
  }

  /** Ends a waiting take() at once, also while Redis is away: a connection that waits to try again ends no command. */
  async close(): Promise<void> {
    this.isClosed = true;
    await this.worker.close(true);
    this.connection.disconnect();
    // A ticket that has just arrived goes first.
    await nextTurn();
    for (const end of this.takes) end();
  }

  /** A ticket that cannot be read is completed and reported, since no owner would answer for it. */
  private async next(options: { block: boolean }): Promise<TakenTicket | undefined> {
    const token = randomUUID();
    const job = await this.nextJob(token, options);
    if (job === undefined) return undefined;
    const parsed = ticketSchema.safeParse(job.data);
    if (!parsed.success) {
      this.onError(new Error(`Ticket ${String(job.id)} cannot be read and is dropped: ${parsed.error.message}`));
      await job.moveToCompleted(undefined, token, false);
      return undefined;
    }
    return {
      ticket: parsed.data,
      complete: async () => {
        await job.moveToCompleted(undefined, token, false);
      },
      giveBack: (delayMs) => job.moveToDelayed(Date.now() + delayMs, token),
    };
  }

  private async nextJob(token: string, options: { block: boolean }): Promise<Job<unknown, void, 'ticket'> | undefined> {
    try {
      return await this.unlessClosed(this.worker.getNextJob(token, options));
    } catch (error) {
      // Closing cuts off the command that is on its way.
      if (this.isClosed) return undefined;
      throw error;
    }
  }

  /** The result, or undefined when the taker was closed first. */
  private async unlessClosed<Result>(work: Promise<Result>): Promise<Result | undefined> {
    let end = (): void => undefined;
    const closed = new Promise<undefined>((resolve) => {
      end = () => {
        resolve(undefined);
      };
    });
    this.takes.add(end);
    try {
      return await Promise.race([work, closed]);
    } finally {
      this.takes.delete(end);
    }
  }
}
