import {
  decide,
  initialState,
  passedDeadline,
  type Effect,
  type JobEvent,
  type JobState,
} from '@millrace/domain/claim';
import {
  GoneReason,
  type Chunk,
  type OwnerEvent,
  type RunnerEvent,
  type Usage,
} from '@millrace/contracts/runner-protocol';
import { assignMessage } from './assign-message.js';
import { jobEnd, newOwnedJob, type JobSpec, type OwnedJob } from './owned-job.js';
import { JobTickets, type JobTicketsOptions } from './job-tickets.js';
import { failedEvent, finishedEvent, goneOnWire } from './runner-event.js';

/** How long a runner may take to answer a cancel before the job is settled without it. */
const CANCEL_GRACE_MS = 2_000;

/** A link to a runner, as far as the owner needs it. Implemented by OwnerLink. */
export interface LinkOut {
  readonly id: string;
  send(event: NonNullable<OwnerEvent['event']>): void;
}

export interface JobOwnerOptions extends JobTicketsOptions {
  nowMs: () => number;
}

/**
 * Owns the interactive jobs of this process: the only place that changes an OwnedJob, each change in one
 * synchronous turn by `decide`, its effects right after.
 */
export class JobOwner {
  private readonly jobs = new Map<string, OwnedJob>();
  private readonly links = new Map<string, LinkOut>();
  private idleWaiters: (() => void)[] = [];

  private readonly tickets: JobTickets;

  constructor(private readonly options: JobOwnerOptions) {
    this.tickets = new JobTickets(options);
  }

  get openJobs(): number {
    return this.jobs.size;
  }

  get linkCount(): number {
    return this.links.size;
  }

  /** Open jobs by phase; `done` are those whose usage is still to be stored. */
  countByPhase(): Map<JobState['phase'], number> {
    const counts = new Map<JobState['phase'], number>([
      ['waiting', 0],
      ['claimed', 0],
      ['cancelling', 0],
      ['done', 0],
    ]);
    for (const { state } of this.jobs.values()) counts.set(state.phase, (counts.get(state.phase) ?? 0) + 1);
    return counts;
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
      await this.tickets.add(job);
    } catch (error) {
      if (job.state.phase !== 'waiting') return;
      this.forget(job);
      throw error;
    }
  }

  /** The caller needs no more. Idempotent; a job that was given up stays so. */
  cancel(job: OwnedJob): void {
    if (this.jobs.has(job.spec.jobId)) this.apply(job, { kind: 'cancel' });
  }

  /** The caller does not keep up: the runner gets no new credit, and the engine rests once the old one is spent. */
  callerFellBehind(job: OwnedJob): void {
    job.pace.fallBehind(this.options.nowMs());
  }

  /** The caller has read all there was. */
  callerCaughtUp(job: OwnedJob): void {
    job.pace.catchUp();
    if (job.lastProgressAtMs !== undefined) job.lastProgressAtMs = this.options.nowMs();
    this.giveCredit(job);
  }

  /** The process has no time left for any of its jobs. */
  cancelAll(): void {
    for (const job of [...this.jobs.values()]) this.cancel(job);
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

  /** Applies deadlines and the grace of cancels; to be called many times a second. */
  passTime(): void {
    const nowMs = this.options.nowMs();
    for (const job of this.jobs.values()) this.passTimeOf(job, nowMs);
  }

  /** Re-adds tickets that Redis has lost; to be called every few seconds and after each reconnect. */
  async restoreTickets(): Promise<void> {
    await this.tickets.restore(this.jobs.values());
  }

  private passTimeOf(job: OwnedJob, nowMs: number): void {
    const { state, spec: deadlines, pace, acceptedAtMs, firstChunkAtMs, lastProgressAtMs } = job;
    const progress = { acceptedAtMs, firstChunkAtMs, lastProgressAtMs, behindSinceMs: pace.behindSinceMs };
    const deadline = passedDeadline({ state, progress, deadlines }, nowMs);
    if (deadline !== undefined) this.apply(job, { kind: 'deadline-passed', deadline });
    if (job.cancelledAtMs !== undefined && nowMs - job.cancelledAtMs >= CANCEL_GRACE_MS) {
      this.apply(job, { kind: 'cancel-grace-over' });
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
      this.passTimeOf(job, this.options.nowMs());
      this.apply(job, { kind: 'claim', link: link.id, attempt });
    }
  }

  private hearChunk(link: LinkOut, chunk: Chunk): void {
    const job = this.jobs.get(chunk.jobId);
    if (job === undefined) return;
    if (job.firstChunkAtMs === undefined) this.passTimeOf(job, this.options.nowMs());
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
    this.passTimeOf(job, this.options.nowMs());
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
        this.tickets.addSoon(job);
        return;
      case 'remove-ticket':
        this.tickets.removeSoon(job);
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
    job.pace.restart();
    this.links.get(link)?.send(assignMessage(job, { attempt, nowMs }));
  }

  private deliver(job: OwnedJob, chunk: Chunk): void {
    const nowMs = this.options.nowMs();
    job.firstChunkAtMs ??= nowMs;
    job.lastProgressAtMs = nowMs;
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
}

function isCurrent({ state }: OwnedJob, link: string, attempt: number): boolean {
  return (
    (state.phase === 'claimed' || state.phase === 'cancelling') && state.link === link && state.attempt === attempt
  );
}
