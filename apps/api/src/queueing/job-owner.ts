import type { Ticket } from '@millrace/contracts/job-contract';
import { decide, initialState, type Effect, type JobEvent } from '@millrace/domain/claim';
import {
  GoneReason,
  type Chunk,
  type OwnerEvent,
  type RunnerEvent,
  type Usage,
} from '@millrace/contracts/runner-protocol';
import { CREDIT_TOKENS } from './caller-pace.js';
import { jobEnd, newOwnedJob, type JobSpec, type OwnedJob } from './owned-job.js';
import { ticketOf } from './job-ticket.js';
import { failedEvent, finishedEvent, goneOnWire } from './runner-event.js';

/** How long a runner may take to answer a cancel before the job is settled without it. */
const CANCEL_GRACE_MS = 2_000;

/** The queue, as far as the owner needs it. Implemented by TicketQueues. */
export interface TicketBox {
  add(ticket: Ticket): Promise<void>;
  remove(ticket: Ticket): Promise<void>;
  missing(tickets: readonly Ticket[]): Promise<Ticket[]>;
}

/** A link to a runner, as far as the owner needs it. Implemented by OwnerLink. */
export interface LinkOut {
  readonly id: string;
  send(event: NonNullable<OwnerEvent['event']>): void;
}

export interface JobOwnerOptions {
  /** Boot id of this process. */
  owner: string;
  tickets: TicketBox;
  nowMs: () => number;
  onError: (error: unknown, what: string) => void;
}

/**
 * Owns the interactive jobs of this process: the only place that changes an OwnedJob, each change in one
 * synchronous turn by `decide`, its effects right after.
 */
export class JobOwner {
  private readonly jobs = new Map<string, OwnedJob>();
  private readonly links = new Map<string, LinkOut>();
  private idleWaiters: (() => void)[] = [];

  constructor(private readonly options: JobOwnerOptions) {}

  get openJobs(): number {
    return this.jobs.size;
  }

  /** Resolves when no job is left whose usage is still to be stored. */
  async idle(): Promise<void> {
    if (this.jobs.size > 0) await new Promise<void>((resolve) => this.idleWaiters.push(resolve));
  }

  /** Takes charge of a job. From now on a claim for it is answered. */
  listen(spec: JobSpec): OwnedJob {
    const job = newOwnedJob(spec, initialState(), this.options.nowMs());
    this.jobs.set(spec.jobId, job);
    return job;
  }

  /**
   * Puts the first ticket into the queue. When Redis refuses, the job is given up and the error is thrown,
   * unless a runner was quicker than the answer of Redis.
   */
  async enqueue(job: OwnedJob): Promise<void> {
    try {
      await this.options.tickets.add(ticketOf(job, this.options.owner));
    } catch (error) {
      if (job.state.phase !== 'waiting') return;
      this.forget(job);
      throw error;
    }
  }

  /** The caller needs no more. Idempotent. */
  cancel(job: OwnedJob): void {
    this.apply(job, { kind: 'cancel' });
  }

  /** The caller does not keep up: the runner gets no new credit, and the engine rests once the old one is spent. */
  callerFellBehind(job: OwnedJob): void {
    job.pace.fallBehind(this.options.nowMs());
  }

  /** The caller has read all there was. */
  callerCaughtUp(job: OwnedJob): void {
    job.pace.catchUp();
    this.giveCredit(job);
  }

  /** Usage is stored: runners may forget the job, and so does the owner. */
  release(job: OwnedJob): void {
    for (const { link, attempt } of job.unacknowledged) this.acknowledge(job, link, attempt);
    this.forget(job);
  }

  addLink(link: LinkOut): void {
    this.links.set(link.id, link);
  }

  loseLink(linkId: string): void {
    this.links.delete(linkId);
    for (const job of this.jobs.values()) this.apply(job, { kind: 'link-lost', link: linkId });
  }

  /** What a runner says on its link. */
  hear(link: LinkOut, event: NonNullable<RunnerEvent['event']>): void {
    switch (event.$case) {
      case 'claim':
        this.hearClaim(link, event.value);
        return;
      case 'chunk':
        this.hearChunk(link, event.value);
        return;
      case 'finished':
        this.hearEnd(link, event.value, finishedEvent(link.id, event.value));
        return;
      case 'failed':
        this.hearEnd(link, event.value, failedEvent(link.id, event.value));
        return;
      case 'beat':
        return;
    }
  }

  /** Applies deadlines and the grace of cancels; to be called a few times a second. */
  passTime(): void {
    const nowMs = this.options.nowMs();
    for (const job of this.jobs.values()) {
      const ageMs = nowMs - job.acceptedAtMs;
      if (ageMs >= job.spec.totalDeadlineMs) this.apply(job, { kind: 'total-deadline' });
      else if (ageMs >= job.spec.startDeadlineMs && job.state.attempt === 1)
        this.apply(job, { kind: 'start-deadline' });
      if (job.cancelledAtMs !== undefined && nowMs - job.cancelledAtMs >= CANCEL_GRACE_MS) {
        this.apply(job, { kind: 'cancel-grace-over' });
      }
    }
  }

  /** Re-adds tickets that Redis has lost; to be called every few seconds and after each reconnect. */
  async restoreTickets(): Promise<void> {
    const waiting = [...this.jobs.values()].filter((job) => job.state.phase === 'waiting');
    const missing = await this.options.tickets.missing(waiting.map((job) => ticketOf(job, this.options.owner)));
    for (const ticket of missing) {
      const job = this.jobs.get(ticket.jobId);
      if (job?.state.phase === 'waiting' && job.state.attempt === ticket.attempt)
        await this.options.tickets.add(ticket);
    }
  }

  private forget(job: OwnedJob): void {
    this.jobs.delete(job.spec.jobId);
    if (this.jobs.size === 0) for (const resolve of this.idleWaiters.splice(0)) resolve();
  }

  private hearClaim(link: LinkOut, claim: { jobId: string; attempt: number; owner: string }): void {
    const { jobId, attempt } = claim;
    const job = this.jobs.get(jobId);
    if (claim.owner !== this.options.owner) {
      link.send({ $case: 'gone', value: { jobId, attempt, reason: GoneReason.GONE_REASON_WRONG_OWNER } });
    } else if (job === undefined) {
      link.send({ $case: 'gone', value: { jobId, attempt, reason: GoneReason.GONE_REASON_UNKNOWN } });
    } else {
      this.apply(job, { kind: 'claim', link: link.id, attempt });
    }
  }

  private hearChunk(link: LinkOut, chunk: Chunk): void {
    const job = this.jobs.get(chunk.jobId);
    if (job === undefined) return;
    this.apply(job, { kind: 'chunk', link: link.id, attempt: chunk.attempt, seq: chunk.seq }, chunk);
  }

  private hearEnd(
    link: LinkOut,
    message: { jobId: string; attempt: number; usage?: Usage | undefined },
    event: JobEvent,
  ): void {
    const job = this.jobs.get(message.jobId);
    if (job === undefined) {
      link.send({ $case: 'acknowledge', value: { jobId: message.jobId, attempt: message.attempt } });
      return;
    }
    if (message.usage !== undefined && isCurrent(job, link.id, message.attempt)) job.usage = { ...message.usage };
    this.apply(job, event);
  }

  private apply(job: OwnedJob, event: JobEvent, chunk?: Chunk): void {
    const decision = decide(job.state, event);
    job.state = decision.state;
    for (const effect of decision.effects) this.carryOut(job, effect, chunk);
  }

  private carryOut(job: OwnedJob, effect: Effect, chunk: Chunk | undefined): void {
    const { jobId } = job.spec;
    switch (effect.kind) {
      case 'assign':
        this.assign(job, effect);
        return;
      case 'gone':
        this.links.get(effect.link)?.send({
          $case: 'gone',
          value: { jobId, attempt: effect.attempt, reason: goneOnWire(effect.reason) },
        });
        return;
      case 'deliver':
        if (chunk !== undefined) this.deliver(job, chunk);
        return;
      case 'add-ticket':
        // The next restoreTickets adds it when Redis is away now.
        this.inBackground(
          this.options.tickets.add(ticketOf(job, this.options.owner)),
          'add the ticket of the next attempt',
        );
        return;
      case 'remove-ticket':
        // A ticket that stays is harmless: its claim is refused.
        this.inBackground(this.options.tickets.remove(ticketOf(job, this.options.owner)), 'remove a ticket');
        return;
      case 'cancel-on-link':
        job.cancelledAtMs = this.options.nowMs();
        this.links.get(effect.link)?.send({ $case: 'cancel', value: { jobId, attempt: effect.attempt } });
        return;
      case 'time-out':
        job.listener?.onTimeOut(effect.deadline);
        return;
      case 'settle':
        job.end(jobEnd(job, effect.outcome, this.options.nowMs()));
        return;
      case 'acknowledge':
        if (job.state.phase === 'done') job.unacknowledged.push({ link: effect.link, attempt: effect.attempt });
        else this.acknowledge(job, effect.link, effect.attempt);
        return;
    }
  }

  private assign(job: OwnedJob, { link, attempt }: { link: string; attempt: number }): void {
    const nowMs = this.options.nowMs();
    job.firstClaimAtMs ??= nowMs;
    const { payload, jobId, totalDeadlineMs } = job.spec;
    // A copy: the message is serialised later, the original grows.
    const deliveredTokenIds = [...job.deliveredTokenIds];
    job.pace.restart();
    const remainingMs = Math.max(1, job.acceptedAtMs + totalDeadlineMs - nowMs);
    this.links.get(link)?.send({
      $case: 'assign',
      value: {
        jobId,
        attempt,
        payload: { ...payload, deliveredTokenIds, deliveredBytes: job.deliveredBytes },
        totalDeadlineMs: remainingMs,
        creditTokens: CREDIT_TOKENS,
      },
    });
  }

  private deliver(job: OwnedJob, chunk: Chunk): void {
    job.firstChunkAtMs ??= this.options.nowMs();
    for (const tokenId of chunk.tokenIds) job.deliveredTokenIds.push(tokenId);
    job.pace.deliver(chunk.tokenIds.length);
    job.deliveredBytes += Buffer.byteLength(chunk.text);
    job.listener?.onPiece(chunk);
    this.giveCredit(job);
  }

  private giveCredit(job: OwnedJob): void {
    if (job.state.phase !== 'claimed') return;
    const tokens = job.pace.takeCredit();
    if (tokens === 0) return;
    const { link, attempt } = job.state;
    this.links.get(link)?.send({ $case: 'credit', value: { jobId: job.spec.jobId, attempt, tokens } });
  }

  private acknowledge(job: OwnedJob, link: string, attempt: number): void {
    this.links.get(link)?.send({ $case: 'acknowledge', value: { jobId: job.spec.jobId, attempt } });
  }

  private inBackground(work: Promise<void>, what: string): void {
    work.catch((error: unknown) => {
      this.options.onError(error, what);
    });
  }
}

function isCurrent({ state }: OwnedJob, link: string, attempt: number): boolean {
  return (
    (state.phase === 'claimed' || state.phase === 'cancelling') && state.link === link && state.attempt === attempt
  );
}
