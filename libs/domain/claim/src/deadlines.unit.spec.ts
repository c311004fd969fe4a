import { deadlineLimitMs, passedDeadline, shortenDeadlines, type Deadlines, type JobProgress } from './deadlines.js';
import type { JobState } from './job-state.js';

const deadlines: Deadlines = {
  startDeadlineMs: 100,
  firstTokenDeadlineMs: 200,
  interTokenDeadlineMs: 50,
  totalDeadlineMs: 1_000,
};
const waiting: JobState = { phase: 'waiting', attempt: 1, failures: 0 };
const waitingAgain: JobState = { phase: 'waiting', attempt: 2, failures: 1 };
const claimed: JobState = { phase: 'claimed', attempt: 1, failures: 0, link: 'a', nextSeq: 0 };
const generating: JobState = { ...claimed, nextSeq: 3 };
const accepted: JobProgress = {
  acceptedAtMs: 0,
  firstChunkAtMs: undefined,
  lastProgressAtMs: undefined,
  behindSinceMs: undefined,
};
const delivered: JobProgress = { ...accepted, firstChunkAtMs: 120, lastProgressAtMs: 300 };

const passed = (state: JobState, progress: JobProgress, nowMs: number) =>
  passedDeadline({ state, progress, deadlines }, nowMs);

describe('a deadline', () => {
  it('passes at its very millisecond, not before', () => {
    expect(passed(waiting, accepted, 99)).toBeUndefined();
    expect(passed(waiting, accepted, 100)).toBe('start');
  });

  it('to start does not run once a runner has claimed the job, nor between attempts', () => {
    expect(passed(claimed, accepted, 150)).toBeUndefined();
    expect(passed(waitingAgain, accepted, 150)).toBeUndefined();
  });

  it('of the first token counts from the acceptance, whatever the job waits for', () => {
    expect(passed(claimed, accepted, 200)).toBe('first token');
    expect(passed(waitingAgain, accepted, 200)).toBe('first token');
    expect(passed(generating, delivered, 340)).toBeUndefined();
  });

  it('between tokens counts from the newest chunk', () => {
    expect(passed(generating, delivered, 349)).toBeUndefined();
    expect(passed(generating, delivered, 350)).toBe('inter-token');
  });

  it('between tokens rests while the caller does not read', () => {
    expect(passed(generating, { ...delivered, behindSinceMs: 310 }, 900)).toBeUndefined();
  });

  it('between tokens rests from the death of a runner to the first chunk of the next attempt', () => {
    expect(passed(waitingAgain, delivered, 900)).toBeUndefined();
    expect(passed({ ...claimed, attempt: 2 }, delivered, 900)).toBeUndefined();
  });

  it('in all always runs, while something is still to come', () => {
    expect(passed(waitingAgain, delivered, 1_000)).toBe('total');
    expect(passed(generating, { ...delivered, behindSinceMs: 310 }, 1_000)).toBe('total');
    expect(passed({ phase: 'cancelling', attempt: 1, link: 'a' }, delivered, 9_000)).toBeUndefined();
    expect(passed({ phase: 'done', attempt: 1, outcome: { kind: 'expired' } }, accepted, 9_000)).toBeUndefined();
  });

  it('is named that passed first when several have', () => {
    expect(passed(waiting, accepted, 5_000)).toBe('start');
    expect(passed(generating, delivered, 5_000)).toBe('inter-token');
  });
});

describe('the deadlines a caller asks for', () => {
  it('shorten what is allowed', () => {
    expect(shortenDeadlines(deadlines, { startDeadlineMs: 10, totalDeadlineMs: 20 })).toEqual({
      ...deadlines,
      startDeadlineMs: 10,
      totalDeadlineMs: 20,
    });
  });

  it('never lengthen it', () => {
    expect(shortenDeadlines(deadlines, { firstTokenDeadlineMs: 201, interTokenDeadlineMs: 51 })).toEqual(deadlines);
  });

  it('are told by name', () => {
    expect(deadlineLimitMs(deadlines, 'first token')).toBe(200);
    expect(deadlineLimitMs(deadlines, 'inter-token')).toBe(50);
  });
});
