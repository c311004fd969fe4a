import type { Ticket } from '@millrace/contracts/job-contract';
import type { OwnedJob } from './owned-job.js';

/** The queue, as far as an owner needs it. Implemented by TicketQueues. */
export interface TicketBox {
  add(ticket: Ticket): Promise<void>;
  remove(ticket: Ticket): Promise<void>;
  missing(tickets: readonly Ticket[]): Promise<Ticket[]>;
}

export interface JobTicketsOptions {
  /** Boot id of this process. */
  owner: string;
  tickets: TicketBox;
  onError: (error: unknown, what: string) => void;
}

/** Keeps the queue in step with the jobs of this process: a ticket for each attempt that waits, and no other. */
export class JobTickets {
  constructor(private readonly options: JobTicketsOptions) {}

  /** A job that ended while its ticket was on its way leaves no ticket behind. */
  async add(job: OwnedJob): Promise<void> {
    const ticket = this.ticketOf(job);
    await this.options.tickets.add(ticket);
    if (job.state.phase === 'done') this.inBackground(this.options.tickets.remove(ticket), 'remove a ticket');
  }

  /** While Redis is away nothing happens; the next `restore` adds the ticket. */
  addSoon(job: OwnedJob): void {
    this.inBackground(this.add(job), 'add the ticket of the next attempt');
  }

  /** A ticket that stays is harmless: its claim is refused. */
  removeSoon(job: OwnedJob): void {
    this.inBackground(this.options.tickets.remove(this.ticketOf(job)), 'remove a ticket');
  }

  /** Adds tickets again that Redis has lost. */
  async restore(jobs: Iterable<OwnedJob>): Promise<void> {
    const waiting = new Map<string, OwnedJob>();
    for (const job of jobs) if (job.state.phase === 'waiting') waiting.set(job.spec.jobId, job);
    const missing = await this.options.tickets.missing([...waiting.values()].map((job) => this.ticketOf(job)));
    for (const { jobId, attempt } of missing) {
      const job = waiting.get(jobId);
      if (job?.state.phase === 'waiting' && job.state.attempt === attempt) await this.add(job);
    }
  }

  private ticketOf(job: OwnedJob): Ticket {
    const { jobId, tenantId, deploymentId, promptTokensEstimate, answerTokensEstimate } = job.spec;
    const tokens = promptTokensEstimate + answerTokensEstimate;
    return {
      jobId,
      attempt: job.state.attempt,
      tenantId,
      deploymentId,
      owner: this.options.owner,
      costTokens: tokens,
      contextTokens: tokens,
      prefixHashes: [],
    };
  }

  private inBackground(work: Promise<void>, what: string): void {
    work.catch((error: unknown) => {
      this.options.onError(error, what);
    });
  }
}
