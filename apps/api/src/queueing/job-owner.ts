import {
  decide,
  initialState,
  passedDeadline,
  type Effect,
  type JobEvent,
  type JobState,
  type JobOutcome,
} from '@millrace/domain/claim';
import { GoneReason, type Chunk, type Claim, type RunnerEvent, type Usage } from '@millrace/contracts/runner-protocol';
import { assignMessage } from './assign-message.js';
import { countByPhase, isHeldBy, jobEnd, newOwnedJob, type JobSpec, type OwnedJob } from './owned-job.js';
import { LinksOut, type LinkOut } from './links-out.js';
import { LeakedSlots } from './leaked-slots.js';
import { JobTickets, type JobTicketsOptions } from './job-tickets.js';
import type { OwnedWork } from './queue-parts.js';
import { failedEvent, finishedEvent, reasonToRefuse } from './runner-event.js';
import { ServiceRates } from './service-rates.js';

/** How long a runner may take to answer a cancel before the job is settled without it. */
const CANCEL_GRACE_MS = 2_000;

export interface JobOwnerOptions extends JobTicketsOptions {
  nowMs: () => number;
}

/**
 * Owns the interactive jobs of this process: the only place that changes an OwnedJob, each change in one
 * synchronous turn by `decide`, its effects right after.
 */
export class JobOwner {
  private readonly jobs = new Map<string, OwnedJob>();
  private readonly links = new LinksOut();
  private readonly leaked = new LeakedSlots();
  private readonly rates = new ServiceRates();
  private readonly tickets: JobTickets;
  private idleWaiters: (() => void)[] = [];

  constructor(private readonly options: JobOwnerOptions) {
    this.tickets = new JobTickets(options);
  }

  get openJobs(): number {
    return this.jobs.size;
  }

  /** Every job until its usage is stored; to be read only. */
  all(): Iterable<OwnedJob> {
    return this.jobs.values();
  }

  get linksUp(): Pick<LinksOut, 'count' | 'runnerOf'> {
    return this.links;
  }

  /** Open jobs by phase; `done` are those whose usage is still to be stored. */
  countByPhase(): Map<JobState['phase'], number> {
    return countByPhase(this.jobs.values());
  }

  /** What this process holds now; to be read only. */
  work(): OwnedWork {
    const services = this.rates.measure(this.options.nowMs());
    return { jobs: this.jobs.values(), leaked: this.leaked.all(), services, arrivals: this.rates.arrivals };
  }

  /** Resolves when no job is left whose usage is still to be stored. */
  async idle(): Promise<void> {
    if (this.jobs.size > 0) await new Promise<void>((resolve) => this.idleWaiters.push(resolve));
  }

  /** Takes charge of a job. From now on a claim for it is answered. */
  listen(spec: JobSpec): OwnedJob {
    const nowMs = this.options.nowMs();
    const job = newOwnedJob(spec, initialState(), nowMs);
    this.rates.arrivals.arrive(spec.deploymentId, spec.promptTokensEstimate + spec.answerTokensEstimate, nowMs);
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

  /** Ends the jobs that wait for a deployment and why; runners may finish those that they have. */
  endWaiting(deploymentId: string, reason: string): void {
    const lost = [...this.jobs.values()].filter(({ spec }) => spec.deploymentId === deploymentId);
    for (const job of lost) this.apply(job, { kind: 'unservable', message: reason });
  }

  /** The process has no time left for any of its jobs. */
  cancelAll(): void {
    for (const job of [...this.jobs.values()]) this.cancel(job);
  }

  /** Usage is stored: runners may forget the job, and so does the owner. */
  release(job: OwnedJob): void {
    const { jobId } = job.spec;
    for (const { link, attempt } of job.unacknowledged) this.links.acknowledge(link, { jobId, attempt });
    this.forget(job);
  }

  addLink(link: LinkOut): void {
    this.links.add(link);
  }

  loseLink(linkId: string): void {
    this.links.lose(linkId);
    this.leaked.loseLink(linkId);
    for (const job of this.jobs.values()) this.apply(job, { kind: 'link-lost', link: linkId });
  }

  /** What a runner says on its link. */
  hear(link: LinkOut, event: NonNullable<RunnerEvent['event']>): void {
    switch (event.$case) {
      case 'claim':
        return this.hearClaim(link, event.value);
      case 'chunk':
        return this.hearChunk(link, event.value);
      case 'finished':
        return this.hearEnd(link, event.value, finishedEvent(link.id, event.value));
      case 'failed':
        return this.hearEnd(link, event.value, failedEvent(link.id, event.value));
      case 'beat':
      // Told to this process in the place of another owner.
      case 'orphaned':
        return;
    }
  }

  /** Applies deadlines and the grace of cancels; to be called many times a second. */
  passTime(): void {
    const nowMs = this.options.nowMs();
    for (const job of this.jobs.values()) {
      this.passDeadlines(job, nowMs);
      const { state, cancelledAtMs } = job;
      const isOver = cancelledAtMs !== undefined && nowMs - cancelledAtMs >= CANCEL_GRACE_MS;
      if (isOver && state.phase === 'cancelling') this.settleWithoutRunner(job, state.link);
    }
  }

  /** Re-adds tickets that Redis has lost; to be called every few seconds and after each reconnect. */
  async restoreTickets(): Promise<void> {
    await this.tickets.restore(this.jobs.values());
  }

  private passDeadlines(job: OwnedJob, nowMs: number): void {
    const { state, spec: deadlines, pace, acceptedAtMs, firstChunkAtMs, lastProgressAtMs } = job;
    const progress = { acceptedAtMs, firstChunkAtMs, lastProgressAtMs, behindSinceMs: pace.behindSinceMs };
    const deadline = passedDeadline({ state, progress, deadlines }, nowMs);
    if (deadline !== undefined) this.apply(job, { kind: 'deadline-passed', deadline });
  }

  private settleWithoutRunner(job: OwnedJob, link: string): void {
    this.leaked.add(job.spec, link);
    const silent = new Error(`The runner on ${link} has not ended ${job.spec.jobId}; its slot counts as leaked.`);
    this.options.onError(silent, 'cancel an answer in time');
    this.apply(job, { kind: 'cancel-grace-over' });
  }

  private forget(job: OwnedJob): void {
    this.jobs.delete(job.spec.jobId);
    if (this.jobs.size === 0) for (const resolve of this.idleWaiters.splice(0)) resolve();
  }

  private hearClaim(link: LinkOut, claim: Claim): void {
    const { jobId, attempt } = claim;
    const job = this.jobs.get(jobId);
    const reason = reasonToRefuse(claim, { owner: this.options.owner, job });
    if (job === undefined || reason !== undefined) {
      link.send({ $case: 'gone', value: { jobId, attempt, reason: reason ?? GoneReason.GONE_REASON_UNKNOWN } });
      return;
    }
    this.passDeadlines(job, this.options.nowMs());
    this.apply(job, { kind: 'claim', link: link.id, attempt });
  }

  private hearChunk(link: LinkOut, chunk: Chunk): void {
    const job = this.jobs.get(chunk.jobId);
    if (job === undefined) return;
    if (job.firstChunkAtMs === undefined) this.passDeadlines(job, this.options.nowMs());
    this.apply(job, { kind: 'chunk', link: link.id, attempt: chunk.attempt, seq: chunk.seq }, chunk);
  }

  private hearEnd(
    link: LinkOut,
    message: { jobId: string; attempt: number; usage?: Usage | undefined },
    event: JobEvent,
  ): void {
    const job = this.jobs.get(message.jobId);
    this.leaked.end(message.jobId);
    if (job === undefined) {
      link.send({ $case: 'acknowledge', value: { jobId: message.jobId, attempt: message.attempt } });
      return;
    }
    this.passDeadlines(job, this.options.nowMs());
    if (message.usage !== undefined && isHeldBy(job, link.id, message.attempt)) job.usage = { ...message.usage };
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
        return this.assign(job, effect);
      case 'gone':
        this.links.refuse(effect.link, { jobId, attempt: effect.attempt }, effect.reason);
        return;
      case 'deliver':
        if (chunk !== undefined) this.deliver(job, chunk);
        return;
      case 'add-ticket':
        return this.tickets.addSoon(job);
      case 'remove-ticket':
        return this.tickets.removeSoon(job);
      case 'cancel-on-link':
        job.cancelledAtMs = this.options.nowMs();
        this.links.cancel(effect.link, { jobId, attempt: effect.attempt });
        return;
      case 'time-out':
        job.listener?.onTimeOut(effect.deadline);
        return;
      case 'settle':
        return this.settle(job, effect.outcome);
      case 'acknowledge':
        if (job.state.phase === 'done') job.unacknowledged.push({ link: effect.link, attempt: effect.attempt });
        else this.links.acknowledge(effect.link, { jobId, attempt: effect.attempt });
        return;
    }
  }

  private assign(job: OwnedJob, { link, attempt }: { link: string; attempt: number }): void {
    const nowMs = this.options.nowMs();
    job.firstClaimAtMs ??= nowMs;
    job.pace.restart();
    this.links.send(link, assignMessage(job, { attempt, nowMs }));
  }

  private settle(job: OwnedJob, outcome: JobOutcome): void {
    const end = jobEnd(job, outcome, this.options.nowMs());
    if (outcome.kind === 'completed') this.rates.complete(job.spec.deploymentId, end);
    job.end(end);
  }

  private deliver(job: OwnedJob, chunk: Chunk): void {
    const nowMs = this.options.nowMs();
    job.firstChunkAtMs ??= nowMs;
    job.lastProgressAtMs = nowMs;
    for (const tokenId of chunk.tokenIds) job.deliveredTokenIds.push(tokenId);
    job.pace.deliver(chunk.tokenIds.length);
    this.rates.deliver(job.spec.deploymentId, chunk.tokenIds.length, nowMs);
    job.deliveredBytes += Buffer.byteLength(chunk.text);
    job.listener?.onPiece(chunk);
    this.giveCredit(job);
  }

  private giveCredit(job: OwnedJob): void {
    if (job.state.phase !== 'claimed') return;
    const tokens = job.pace.takeCredit();
    if (tokens === 0) return;
    const { link, attempt } = job.state;
    this.links.send(link, { $case: 'credit', value: { jobId: job.spec.jobId, attempt, tokens } });
  }
}
