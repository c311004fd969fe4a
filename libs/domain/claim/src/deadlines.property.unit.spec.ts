import fc from 'fast-check';
import { passedDeadline, type Deadline, type Deadlines, type JobProgress } from './deadlines.js';
import { decide } from './decide.js';
import { initialState, type JobEvent, type JobState } from './job-state.js';

/** What may happen to a job, and how long after what happened before. */
interface Happening {
  afterMs: number;
  kind: 'claim' | 'chunk' | 'crash' | 'fall-behind' | 'catch-up' | 'finish' | 'nothing';
}

const happenings = fc.array(
  fc.record<Happening>({
    afterMs: fc.nat(60),
    kind: fc.constantFrom('claim', 'chunk', 'chunk', 'chunk', 'crash', 'fall-behind', 'catch-up', 'finish', 'nothing'),
  }),
  { maxLength: 60 },
);
const limit = fc.integer({ min: 1, max: 400 });
const deadlines: fc.Arbitrary<Deadlines> = fc.record({
  startDeadlineMs: limit,
  firstTokenDeadlineMs: limit,
  interTokenDeadlineMs: limit,
  totalDeadlineMs: limit,
});

/** One job, accepted at 0, whose owner looks at the clock before anything else happens to it. */
class TimedJob {
  state: JobState = initialState();
  nowMs = 0;
  firstClaimAtMs: number | undefined;
  timedOut: Deadline | undefined;
  /** How things stood when the inter-token deadline passed. */
  late: { state: JobState; progress: JobProgress; silentMs: number } | undefined;
  readonly progress: JobProgress = {
    acceptedAtMs: 0,
    firstChunkAtMs: undefined,
    lastProgressAtMs: undefined,
    behindSinceMs: undefined,
  };

  constructor(readonly deadlines: Deadlines) {}

  happen({ afterMs, kind }: Happening): void {
    this.nowMs += afterMs;
    const { state, progress, deadlines } = this;
    const deadline = passedDeadline({ state, progress, deadlines }, this.nowMs);
    if (deadline !== undefined) {
      const silentMs = this.nowMs - (progress.lastProgressAtMs ?? 0);
      if (deadline === 'inter-token') this.late = { state, progress: { ...progress }, silentMs };
      this.apply({ kind: 'deadline-passed', deadline });
      expect(this.timedOut).toBe(deadline);
    }
    if (kind === 'fall-behind') this.progress.behindSinceMs ??= this.nowMs;
    else if (kind === 'catch-up') this.catchUp();
    else this.hear(kind);
  }

  private catchUp(): void {
    this.progress.behindSinceMs = undefined;
    if (this.progress.lastProgressAtMs !== undefined) this.progress.lastProgressAtMs = this.nowMs;
  }

  private hear(kind: Happening['kind']): void {
    const on = { link: 'a', attempt: this.state.attempt };
    const seq = this.state.phase === 'claimed' ? this.state.nextSeq : 0;
    if (kind === 'claim') this.apply({ kind, ...on });
    if (kind === 'chunk') this.apply({ kind, ...on, seq });
    if (kind === 'crash') this.apply({ kind: 'failed', ...on, reason: 'engine_crashed', retryable: true, message: '' });
    if (kind === 'finish') this.apply({ kind: 'finished', ...on, finishReason: 'stop' });
  }

  private apply(event: JobEvent): void {
    const decision = decide(this.state, event);
    this.state = decision.state;
    for (const effect of decision.effects) {
      if (effect.kind === 'assign') this.firstClaimAtMs ??= this.nowMs;
      if (effect.kind === 'time-out') this.timedOut = effect.deadline;
      if (effect.kind !== 'deliver') continue;
      this.progress.firstChunkAtMs ??= this.nowMs;
      this.progress.lastProgressAtMs = this.nowMs;
    }
  }
}

function everyMoment(check: (job: TimedJob) => void): void {
  fc.assert(
    fc.property(deadlines, happenings, (limits, list) => {
      const job = new TimedJob(limits);
      for (const happening of list) {
        job.happen(happening);
        check(job);
      }
    }),
    { numRuns: 1_000 },
  );
}

const isOpen = ({ state }: TimedJob): boolean => state.phase === 'waiting' || state.phase === 'claimed';

describe('deadlines under random timings', () => {
  it('never let a job start late', () => {
    everyMoment(({ firstClaimAtMs, deadlines: { startDeadlineMs } }) => {
      expect(firstClaimAtMs ?? 0).toBeLessThan(startDeadlineMs);
    });
  });

  it('let nothing be generated or waited for after the total one, nor after the one of a first token that is missing', () => {
    everyMoment((job) => {
      const { nowMs, progress, deadlines: limits } = job;
      if (nowMs >= limits.totalDeadlineMs) expect(isOpen(job)).toBe(false);
      const isMissing = progress.firstChunkAtMs === undefined && nowMs >= limits.firstTokenDeadlineMs;
      if (isMissing) expect(isOpen(job)).toBe(false);
    });
  });

  it('between tokens end only an answer that was begun, is being generated and read, and is silent for too long', () => {
    everyMoment(({ late, deadlines: { interTokenDeadlineMs } }) => {
      if (late === undefined) return;
      expect(late.state.phase).toBe('claimed');
      expect(late.progress.firstChunkAtMs).toBeDefined();
      expect(late.progress.behindSinceMs).toBeUndefined();
      expect(late.silentMs).toBeGreaterThanOrEqual(interTokenDeadlineMs);
    });
  });
});
