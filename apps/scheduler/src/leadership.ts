import type { SchedulerLeaseStore, SchedulerTerm } from '@millrace/adapters/postgres';
import type { Logger } from '@millrace/platform/observability';

const TTL_MS = 3_000;
const BEAT_MS = 1_000;

export interface LeadershipOptions {
  lease: Pick<SchedulerLeaseStore, 'acquire' | 'renew' | 'release'>;
  /** Boot id of this process. */
  holder: string;
  logger: Logger;
  /** A term of this process has begun. */
  onTerm: () => void;
  /** Milliseconds of a clock that never jumps. */
  monotonicMs?: () => number;
}

/**
 * Whether this process leads. Owns its term: begins it, renews it, and ends it by its own clock
 * when it could not renew in time, without asking anyone.
 */
export class Leadership {
  private term: (SchedulerTerm & { endsAtMs: number }) | undefined;
  private timer: NodeJS.Timeout | undefined;
  private beating: Promise<void> = Promise.resolve();
  private stopped = false;
  private readonly monotonicMs: () => number;

  constructor(private readonly options: LeadershipOptions) {
    this.monotonicMs = options.monotonicMs ?? (() => performance.now());
  }

  /** The term, while this process may still write in it. */
  currentEpoch(): number | undefined {
    if (this.term !== undefined && this.monotonicMs() >= this.term.endsAtMs) this.demote('it was not renewed in time');
    return this.term?.epoch;
  }

  /** Resolves after the first try. */
  async start(): Promise<void> {
    await this.beat();
    if (this.stopped) return;
    this.timer = setTimeout(() => {
      this.beating = this.start();
    }, BEAT_MS);
  }

  /** Ends the term, so that another process takes over at once. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.beating;
    const { term } = this;
    this.term = undefined;
    if (term !== undefined) await this.options.lease.release(term);
  }

  /** Another process leads. */
  demote(reason: string): void {
    if (this.term === undefined) return;
    this.options.logger.warn({ epoch: this.term.epoch, reason }, 'no longer leading');
    this.term = undefined;
  }

  /** Renews the term, or tries to begin one. */
  async beat(): Promise<void> {
    const askedAtMs = this.monotonicMs();
    try {
      if (this.currentEpoch() === undefined) await this.begin(askedAtMs);
      else await this.renew(askedAtMs);
    } catch (error) {
      this.options.logger.warn({ err: error }, 'scheduler lease is out of reach');
    }
  }

  private async begin(askedAtMs: number): Promise<void> {
    const term = await this.options.lease.acquire(this.options.holder, TTL_MS);
    if (term === undefined) return;
    this.term = { ...term, endsAtMs: askedAtMs + TTL_MS };
    this.options.logger.info({ epoch: term.epoch }, 'leading');
    this.options.onTerm();
  }

  private async renew(askedAtMs: number): Promise<void> {
    const { term } = this;
    if (term === undefined) return;
    if (await this.options.lease.renew(term, TTL_MS)) term.endsAtMs = askedAtMs + TTL_MS;
    else this.demote('another process has taken over');
  }
}
