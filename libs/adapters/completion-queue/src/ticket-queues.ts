import { Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import { ticketId, type Ticket } from '@millrace/contracts/job-contract';
import { QUEUE_PREFIX, queueName, TICKET_PRIORITY } from './queue-keys.js';

/** How many tickets one round trip asks about. */
const EXISTENCE_BATCH = 500;

/**
 * The owner's side of the queues: adds and removes tickets.
 * Every call fails within one Redis time-out when Redis is away; nothing is retried here.
 */
export class TicketQueues {
  /** Owned by this object; one entry per deployment that was ever asked for. */
  private readonly queues = new Map<string, Queue<Ticket, void, 'ticket'>>();

  /** @param connection must fail fast: no offline queue, one retry per request */
  constructor(
    private readonly connection: Redis,
    private readonly onError: (error: Error) => void,
  ) {}

  /** Adding a ticket that is already there changes nothing. */
  async add(ticket: Ticket): Promise<void> {
    const queue = await this.connectedQueue(ticket.deploymentId);
    await queue.add('ticket', ticket, {
      jobId: ticketId(ticket),
      attempts: 1,
      removeOnComplete: true,
      removeOnFail: true,
      priority: ticket.attempt === 1 ? TICKET_PRIORITY.firstAttempt : TICKET_PRIORITY.laterAttempt,
    });
  }

  /** A ticket that a runner holds at this moment stays; its claim will be refused. */
  async remove(ticket: Pick<Ticket, 'jobId' | 'attempt' | 'deploymentId'>): Promise<void> {
    const queue = await this.connectedQueue(ticket.deploymentId);
    await queue.remove(ticketId(ticket));
  }

  /** Those of the given tickets that Redis does not have. */
  async missing(tickets: readonly Ticket[]): Promise<Ticket[]> {
    const missing: Ticket[] = [];
    for (let start = 0; start < tickets.length; start += EXISTENCE_BATCH) {
      const batch = tickets.slice(start, start + EXISTENCE_BATCH);
      const pipeline = this.connection.pipeline();
      for (const ticket of batch) pipeline.exists(this.queue(ticket.deploymentId).toKey(ticketId(ticket)));
      const answers = (await pipeline.exec()) ?? [];
      for (const [index, ticket] of batch.entries()) {
        const [error, count] = answers[index] ?? [];
        if (error) throw error;
        if (count === 0) missing.push(ticket);
      }
    }
    return missing;
  }

  /** The place of each ticket in its queue, 1 is next; undefined for one that does not wait there. One round trip. */
  async positions(
    tickets: readonly Pick<Ticket, 'jobId' | 'attempt' | 'deploymentId'>[],
  ): Promise<(number | undefined)[]> {
    const pipeline = this.connection.pipeline();
    for (const ticket of tickets)
      pipeline.zrank(this.queue(ticket.deploymentId).toKey('prioritized'), ticketId(ticket));
    const answers = (await pipeline.exec()) ?? [];
    return answers.map(([error, rank]) => {
      if (error) throw error;
      return typeof rank === 'number' ? rank + 1 : undefined;
    });
  }

  async close(): Promise<void> {
    await Promise.all([...this.queues.values()].map((queue) => queue.close()));
  }

  /**
   * BullMQ connects a queue once: it waits for an absent Redis without a bound and remembers a failure for ever.
   * So nothing is asked of an absent Redis, and a queue that could not connect is made anew by the next call.
   */
  private async connectedQueue(deploymentId: string): Promise<Queue<Ticket, void, 'ticket'>> {
    if (this.connection.status !== 'ready') throw new Error('Redis is out of reach; the queue takes nothing now.');
    const queue = this.queue(deploymentId);
    try {
      await queue.waitUntilReady();
    } catch (error) {
      if (this.queues.get(deploymentId) === queue) this.queues.delete(deploymentId);
      await queue.close();
      throw error;
    }
    return queue;
  }

  private queue(deploymentId: string): Queue<Ticket, void, 'ticket'> {
    const known = this.queues.get(deploymentId);
    if (known) return known;
    const queue = new Queue<Ticket, void, 'ticket'>(queueName(deploymentId), {
      connection: this.connection,
      prefix: QUEUE_PREFIX,
      streams: { events: { maxLen: 10 } },
    });
    queue.on('error', this.onError);
    this.queues.set(deploymentId, queue);
    return queue;
  }
}
